"""What this room will not do, in sentences fit to be shown to an officer."""

UNKNOWN_PROBLEM = "没有“{code}”这种整改问题，请先在 problems.yaml 登记并载入目录"
NO_TEXT = "必须写明查明的事实和整改要求"
NO_REASON = "必须写明理由"
NO_SOURCE_NUMBER = "必须写明来源编号，以免同一问题重复下达"
WORKDAYS_OUT_OF_RANGE = "整改期限应为 1 至 {most} 个工作日"
ALREADY_ORDERED = "同一来源已有未结的{number}（{state}），请在该件上办理"
UNIT_GONE = "{unit}已于 {on} 撤并，请改由承接其工作的单位"
OFFICER_GONE = "{officer}的账号已停用，请改由在岗民警或者不指定责任人"
NOT_A_HANDLER = "{matter}仅经办人可见，{officer}不是它的经办人；请先在事项页指定其经办"
NAMES_CLOSED_MATTER = (
    "这里写了仅经办人可见的事项的编号，责任单位会看到，请删去；信访引出的整改，在该信访事项的倒查里发出"
)
ACTED_FIRST = "没有办成：{who}已于 {when} {did}，您看到的是此前的情况。请看过最新情况再办"
WRONG_STATE = "该件现为“{state}”，不能{verb}"
NO_EVIDENCE = "答复须附证据材料：请至少附一个文件，或者在退回后的答复中沿用已附的文件"
VERIFIER_REPLIED = "{officer}参与过本件的答复，不能核验；请由其他人核验"
VERIFIER_RESPONSIBLE = "{officer}是本件的责任人，不能核验；请由其他人核验"
ENDORSER_REPLIED = "{officer}是本次答复的答复人，不能审核自己的答复"
APPROVER_INVOLVED = "{officer}是本件的责任人或者答复人，不能批准延期"
APPROVER_WITHOUT_POWER = "{officer}没有批准本件延期的职权；延期由监督范围内的法制民警或者局领导批准"
NOT_LATER = "延期后的期限 {new} 没有晚于现在的期限 {old}"
SAME_PLACE = "该件已经由{unit}{officer}负责"
SOURCE_OPEN_AGAIN = "同一来源另有未结的整改，不能重新整改本件；请在那一件上办理"


class RectificationRefused(Exception):
    """An act this room will not do; the message is fit to be shown to an officer."""
