# 盯办：make run 启动；make test 全部测试；其余见 README.md。

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := run

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
IN_VENV := $(VENV)/bin/python
MANAGE := $(IN_VENV) manage.py

digest = $(shell cat $(1) | cksum | cut -d' ' -f1)
RUN_STAMP := $(VENV)/installed-$(call digest,requirements.txt)
TEST_STAMP := $(VENV)/tests-installed-$(call digest,requirements.txt tests/requirements.txt)
PIP_INSTALL := $(IN_VENV) -m pip install -qq --disable-pip-version-check

# 测试不受本机环境变量影响。
CLEAN_ENV := env -u DATABASE_URL -u REDIS_URL -u EMAIL_URL -u DATA_DIR -u SECRET_KEY -u FIELD_KEYS -u ALLOWED_HOSTS -u EVIDENCE_SCANNER -u FONT_DIR -u DEBUG -u DJANGO_SETTINGS_MODULE
PYTEST := $(CLEAN_ENV) $(IN_VENV) -m pytest
WORKERS ?= 2

.PHONY: run test lint audit real bench clean

run: $(RUN_STAMP)
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) plan_roles
	@$(MANAGE) load_catalogue
	@$(MANAGE) load_followup
	@$(MANAGE) load_indicators
	@$(MANAGE) load_demo --size small
	@$(MANAGE) plan_timetable
	@exec $(MANAGE) serve

$(IN_VENV):
	@test -n "$(PYTHON)" || { echo "找不到 Python。请安装 Python 3.11 或更新版本。" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "需要 Python 3.11 或更新版本，现为：$$($(PYTHON) --version)。可用 make run PYTHON=路径 指定。" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python 缺少 venv 组件。请先安装：apt-get install $$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2; exit 1; }
	@echo "正在建立运行环境 $(VENV) ……"
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): | $(IN_VENV)
	@echo "正在安装依赖（第一次约一两分钟）……"
	@$(PIP_INSTALL) -r requirements.txt
	@rm -f $(VENV)/installed-*
	@touch $@

$(TEST_STAMP): $(RUN_STAMP)
	@echo "正在安装测试依赖……"
	@$(PIP_INSTALL) -r requirements.txt -r tests/requirements.txt
	@rm -f $(VENV)/tests-installed-*
	@touch $@

test: lint
	$(PYTEST) -n $(WORKERS) --dist loadgroup
	$(PYTEST) -n $(WORKERS) --dist loadgroup -p tests.rigs.postgres --ignore=tests/statute --ignore=tests/browser --ignore=tests/walls -m "not real_log"

lint: $(TEST_STAMP)
	$(IN_VENV) -m ruff check
	$(IN_VENV) -m ruff format --check
	$(CLEAN_ENV) $(IN_VENV) -m mypy
	$(CLEAN_ENV) $(VENV)/bin/lint-imports --no-logo
	$(CLEAN_ENV) DJANGO_SETTINGS_MODULE=tests.rigs.settings $(MANAGE) makemigrations --check --dry-run

# make audit ADVISORIES=公告库：查代码里的危险写法；给了公告库（目录或者 zip，OSV 格式，如 PyPA 公告库、OSV 的 PyPI 导出），
# 再核对已安装的依赖有没有已知漏洞。都不联网，公告库由单位带进闭网，每月换新。
audit: $(TEST_STAMP)
	$(IN_VENV) -m bandit --quiet --recursive --configfile pyproject.toml cases config supervision manage.py
	@if test -n "$(ADVISORIES)"; then $(CLEAN_ENV) $(MANAGE) audit_requirements "$(ADVISORIES)"; \
	else echo "没有给公告库，依赖没有核对：make audit ADVISORIES=目录或者zip"; fi

# make real LOG=路径：用一份真实的执法过程日志，从空库走一遍导入、计算、扫描、报表。
# 不与正在运行的盯办共用队列。
real: $(RUN_STAMP)
	@test -n "$(LOG)" || { echo "用法：make real LOG=日志文件的路径" >&2; exit 2; }
	@test -r "$(LOG)" || { echo "读不到文件：$(LOG)" >&2; exit 2; }
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	run() { $(CLEAN_ENV) DATA_DIR="$$folder" REDIS_URL=redis://127.0.0.1:1/0 $(MANAGE) "$$@"; }; \
	run migrate --verbosity 0; \
	run load_catalogue seeds/examples/fines; \
	run intake "$(LOG)" --mapping seeds/examples/fines/mapping.yaml --json; \
	run rewind --pending --json; \
	run sweep --at 2013-06-30T00:00:00+02:00 --json; \
	run log_report seeds/examples/fines/report.yaml

# make bench NAME=名称 ROWS=行数：性能对比。
bench: $(RUN_STAMP)
	@$(MANAGE) bench $(NAME) $(if $(ROWS),--rows $(ROWS))

# 只删可以重建的；.data 里是数据，不动。
clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
