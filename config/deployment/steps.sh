# 安装和升级共用的步骤。目录、账户、端口都可以用同名的环境变量另行指定。

SOURCE="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
SHIPPED="$SOURCE/config/deployment"

HOME_DIR="${HOME_DIR:-/opt/dingban}"
SETTINGS_DIR="${SETTINGS_DIR:-/etc/dingban}"
STATE_DIR="${STATE_DIR:-/var/lib/dingban}"
BACKUP_DIR="${BACKUP_DIR:-/var/backups/dingban}"
UNIT_DIR="${UNIT_DIR:-/etc/systemd/system}"
SITE_DIR="${SITE_DIR:-/etc/nginx}"
ACCOUNT="${ACCOUNT:-dingban}"
DATABASE="${DATABASE:-dingban}"
DATABASE_PORT="${DATABASE_PORT:-5432}"
REDIS_PORT="${REDIS_PORT:-6379}"
WEB_PORT="${WEB_PORT:-8000}"
HTTP_PORT="${HTTP_PORT:-80}"
HTTPS_PORT="${HTTPS_PORT:-443}"
PYTHON="${PYTHON:-/usr/bin/python3}"
SYSTEMCTL="${SYSTEMCTL:-systemctl}"
# 没有外网时：放着全部安装包的目录（pip download -d 目录 -r requirements.txt）。
WHEELS="${WHEELS:-}"

ENVIRONMENT="$SETTINGS_DIR/environment"
COMMAND="$HOME_DIR/bin/dingban"
SERVICES=(dingban-web.service dingban-worker.service dingban-beat.service)
PROGRAM=(cases config supervision seeds manage.py requirements.txt pyproject.toml README.md LICENSE)

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

as_root() { ((EUID == 0)) || fail "请用 root 运行。"; }

# 把随附的一个文件写到目标处，目录、账户和端口换成实际的。
fill() {
    local from="$1" to="$2" mode="$3"
    sed -e "s#/opt/dingban#$HOME_DIR#g" -e "s#/etc/dingban#$SETTINGS_DIR#g" \
        -e "s#/var/lib/dingban#$STATE_DIR#g" -e "s#/var/backups/dingban#$BACKUP_DIR#g" \
        -e "s#dingban\.example\.cn#${HOST_NAME:-dingban.example.cn}#g" \
        -e "s#^\(User\|Group\)=dingban#\1=$ACCOUNT#" -e "s#runuser -u dingban#runuser -u $ACCOUNT#" \
        -e "s#listen 80;#listen $HTTP_PORT;#" -e "s#listen \[::\]:80;#listen [::]:$HTTP_PORT;#" \
        -e "s#listen 443 #listen $HTTPS_PORT #" -e "s#listen \[::\]:443 #listen [::]:$HTTPS_PORT #" \
        -e "s#127\.0\.0\.1:8000#127.0.0.1:$WEB_PORT#" "$from" >"$to.new"
    chmod "$mode" "$to.new"
    mv "$to.new" "$to"
}

# 程序放进一个新的目录，依赖按 requirements.txt 的内容各装一套；都好了才有名字。结果在 RELEASE 里。
make_release() {
    local digest venv name
    install -d -m 0755 "$HOME_DIR" "$HOME_DIR/releases" "$HOME_DIR/venvs" "$HOME_DIR/bin"
    digest="$({ "$PYTHON" --version; cat "$SOURCE/requirements.txt"; } | sha256sum | cut -c1-12)"
    venv="$HOME_DIR/venvs/$digest"
    if [[ ! -f "$venv/complete" ]]; then
        say "正在安装依赖（约一两分钟）……"
        rm -rf "$venv"
        "$PYTHON" -m venv "$venv"
        if [[ -n "$WHEELS" ]]; then
            "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-index --find-links "$WHEELS" \
                -r "$SOURCE/requirements.txt"
        else
            "$venv/bin/python" -m pip install -qq --disable-pip-version-check -r "$SOURCE/requirements.txt"
        fi
        chmod -R u=rwX,go=rX "$venv"
        touch "$venv/complete"
    fi
    name="$(date +%Y%m%d-%H%M%S)"
    RELEASE="$HOME_DIR/releases/$name"
    rm -rf "$HOME_DIR/releases/"*.partial
    install -d -m 0755 "$RELEASE.partial"
    tar -C "$SOURCE" --exclude=__pycache__ -cf - "${PROGRAM[@]}" | tar -C "$RELEASE.partial" --no-same-owner -xf -
    chmod -R u=rwX,go=rX "$RELEASE.partial"
    chmod 0755 "$RELEASE.partial/config/deployment/"{install,upgrade,dingban,try}
    ln -s "$venv" "$RELEASE.partial/.venv"
    mv "$RELEASE.partial" "$RELEASE"
    "$venv/bin/python" -m compileall -q "$RELEASE/cases" "$RELEASE/config" "$RELEASE/supervision"
}

# 用某个版本运行一条命令；版本写在 RELEASE 里，不写即正在用的。
manage() { RELEASE="${RELEASE:-$HOME_DIR/current}" "$COMMAND" "$@"; }

# 建表、补权限和定时任务、收集静态文件。都可以重复运行。目录只在还没有的时候载入：以后由管理员决定。
prepare() {
    manage migrate --verbosity 0
    manage plan_roles
    # 先取结果再比较：问不出来要停下，不能当作已经有了。
    local known
    known="$(manage shell -v 0 -c 'from cases.models import Limit; print(Limit.objects.exists())')"
    [[ "$known" != False ]] || manage load_catalogue
    manage load_followup
    manage load_indicators
    manage plan_timetable
    UMASK=0022 manage collectstatic --noinput --verbosity 0
}

switch_to() {
    ln -s "$1" "$HOME_DIR/current.new"
    mv -T "$HOME_DIR/current.new" "$HOME_DIR/current"
}

put_units() {
    local unit
    for unit in "$SHIPPED"/units/*; do
        fill "$unit" "$UNIT_DIR/$(basename "$unit")" 0644
    done
    "$SYSTEMCTL" daemon-reload
}

start_services() { "$SYSTEMCTL" start "${SERVICES[@]}"; }

# 先停定时，再停后台任务（等它办完手上的），最后停网页。
stop_services() { "$SYSTEMCTL" stop dingban-beat.service && "$SYSTEMCTL" stop dingban-worker.service && "$SYSTEMCTL" stop dingban-web.service; }

# 等网页、数据库和队列都通；最多两分钟。
wait_until_healthy() {
    local host tries=0
    host="$(sed -n 's/^ALLOWED_HOSTS=\([^,]*\).*/\1/p' "$ENVIRONMENT")"
    until curl -fsS -o /dev/null --max-time 10 -H "Host: $host" "http://127.0.0.1:$WEB_PORT/healthz" 2>/dev/null; do
        tries=$((tries + 1))
        ((tries < 120)) || return 1
        sleep 1
    done
}
