"""Build the one Chinese catalogue: what the libraries leave in English under `zh-hans`, in words of our own.

Django loads only folders named `zh_Hans`, so django-filter's `zh_CN` is never read; the theme and the lock-out have no
Chinese at all, and Django's own lags behind its newest sentences. `config/locale/zh_Hans/LC_MESSAGES/django.po` holds our words and is edited by hand; this command adds
django-filter's, sorts it, drops what no library says any more, and compiles it. It needs `polib`
(tests/requirements.txt); the compiled file is part of the product, so nobody else does.
"""

import ast
import gc
import importlib.util
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

# The libraries whose words an officer may meet.
LIBRARIES = (
    "unfold",
    "axes",
    "django_celery_beat",
    "django_filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.core",
    "django.db",
    "django.forms",
    "django.utils",
    "django.views",
)
# Parts of them that are not installed.
LEFT_OUT = re.compile(r"contrib/(?!filters|forms)|/management/|/migrations/|/tests?/|/locale/")
CATALOGUE = Path(settings.ROOT) / "config" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
NAMES = frozenset({"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"})
PLURAL = frozenset({"ngettext", "ngettext_lazy"})
CONTEXT = frozenset({"pgettext", "pgettext_lazy"})


class Words(NamedTuple):
    """A sentence of a library: its plural form and context are empty where it has none."""

    text: str
    plural: str = ""
    context: str = ""


class Command(BaseCommand):
    help = "合并并编译中文词条：config/locale/zh_Hans"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="只检查，不写文件；有缺漏或者未编译时退出码为 1")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        problems = build(CATALOGUE, write=not check)
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write("中文词条齐全。")


def build(catalogue: Path, *, write: bool) -> list[str]:
    """Bring the catalogue up to date and say what is missing or, when only checking, what is not up to date."""
    import polib  # import here: a tool of developers, absent from a running product

    words = polib.pofile(str(catalogue), wrapwidth=118)
    known = {_key(entry): entry for entry in words}
    borrowed = {_key(entry): entry for entry in polib.pofile(str(_filter_catalogue())) if entry.translated()}
    fresh = polib.POFile(wrapwidth=118)
    fresh.metadata = dict(words.metadata)
    missing: list[str] = []
    for wanted, library in sorted(untranslated().items()):
        entry = known.get(wanted) or borrowed.get(wanted)
        if entry is None or not entry.translated():
            missing.append(f"{library} 的“{wanted.text}”没有中文")
            continue
        fresh.append(
            polib.POEntry(
                msgid=wanted.text,
                msgid_plural=wanted.plural,
                msgctxt=wanted.context or None,
                msgstr=entry.msgstr,
                msgstr_plural=dict(entry.msgstr_plural),
                comment=library,
                flags=[flag for flag in entry.flags if flag != "fuzzy"],
            )
        )
    compiled = catalogue.with_suffix(".mo")
    if write and not missing:
        fresh.save(str(catalogue))
        compiled.write_bytes(fresh.to_binary())
    elif not missing and (
        str(fresh) != str(words) or not compiled.exists() or compiled.read_bytes() != fresh.to_binary()
    ):
        missing.append("词条文件未更新，请运行 manage.py build_locale")
    return missing


def untranslated() -> dict[Words, str]:
    """What the libraries say that neither Django nor they themselves say in Chinese, and which of them says it."""
    import polib  # import here: a tool of developers, absent from a running product

    spoken: set[tuple[str, str]] = set()
    # Only what is installed is loaded; Django carries the words of many more apps.
    folders = [_home("django") / "conf", *(Path(app.path) for app in apps.get_app_configs() if app.name != "config")]
    for folder in folders:
        found = folder / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"
        if found.exists():
            spoken.update((e.msgid, e.msgctxt or "") for e in polib.mofile(str(found)) if e.msgstr or e.msgstr_plural)
    # Never translated anywhere: they are Chinese characters, numbers or nothing at all to begin with.
    return {
        words: library
        for library in LIBRARIES
        for words in said_by(library)
        if (words.text, words.context) not in spoken and re.search("[A-Za-z]{2}", words.text)
    }


def said_by(package: str) -> set[Words]:
    """Every sentence a library marks for translation, in its templates and its code."""
    home = _home(package)
    found: set[Words] = set()
    for path in sorted(home.rglob("*")):
        if LEFT_OUT.search(path.relative_to(home.parent).as_posix()):
            continue
        if path.suffix == ".py":
            found.update(_calls(path.read_text(encoding="utf-8")))
        elif path.suffix in (".html", ".txt") and "templates" in path.parts:
            found.update(_calls(_code_of(path)))
    return found


def _code_of(template: Path) -> str:
    """The translated parts of a template as Python calls, one a line."""
    marked = templatize(template.read_text(encoding="utf-8"), origin=str(template))
    calls = re.findall(
        r"\b(?:n|p)?gettext\((?:u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")|[^)'\"]|,)*\)|\b_\([^)]*\)", marked
    )
    return "\n".join(calls)


def _tree(code: str) -> ast.Module:
    """Code as a tree. What a collection of garbage runs in the midst of building one, Python 3.11 takes for a fault of its
    own (cpython#106905), so none runs meanwhile."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(code)
    finally:
        if collecting:
            gc.enable()


def _calls(code: str) -> Iterator[Words]:
    try:
        tree = _tree(code)
    except SyntaxError:
        for line in code.splitlines():
            if line.strip() and line != code:
                yield from _calls(line)
        return
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES):
            continue
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if not texts:
            continue
        if node.func.id in PLURAL and len(texts) > 1:
            yield Words(texts[0], plural=texts[1])
        elif node.func.id in CONTEXT and len(texts) > 1:
            yield Words(texts[1], context=texts[0])
        else:
            yield Words(texts[0])


def _filter_catalogue() -> Path:
    return _home("django_filters") / "locale" / "zh_CN" / "LC_MESSAGES" / "django.po"


def _home(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise CommandError(f"没有安装 {package}")
    return Path(spec.origin).parent


def _key(entry: Any) -> Words:
    return Words(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")
