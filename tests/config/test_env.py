"""The strict helpers that read the environment."""

import stat
import threading
from ipaddress import ip_network
from pathlib import Path

import pytest

from config.env import Environment, keep_once, new_field_key, remembered_port

KEY = "dGhlc2UtdGhpcnR5LXR3by1ieXRlcy1hcmUtYS1rZXk="


def ids(environment: Environment) -> list[str]:
    return [fault.id for fault in environment.faults]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("true", True), ("TRUE", True), ("1", True), ("yes", True), ("on", True), ("false", False), ("0", False)]
    + [("no", False), ("Off", False), ("", False), ("  ", False)],
)
def test_a_switch_reads_the_usual_words(word: str, expected: bool) -> None:
    environment = Environment({"DEBUG": word})

    assert environment.switch("DEBUG", default=False) is expected
    assert environment.faults == []


@pytest.mark.parametrize("word", ["maybe", "2", "truee", "是", "none"])
def test_a_switch_that_is_neither_true_nor_false_is_a_fault(word: str) -> None:
    environment = Environment({"DEBUG": word})

    assert environment.switch("DEBUG", default=False) is False
    assert ids(environment) == ["config.E001"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.example.cn", ["a.example.cn"]),
        ("A.example.cn , 10.1.2.3", ["a.example.cn", "10.1.2.3"]),
        (".example.cn,[::1]", [".example.cn", "[::1]"]),
    ],
)
def test_hosts_are_parted_by_commas(text: str, expected: list[str]) -> None:
    environment = Environment({"ALLOWED_HOSTS": text})

    assert environment.hosts("ALLOWED_HOSTS") == expected
    assert environment.faults == []


@pytest.mark.parametrize("text", ["*", "http://a.cn", "a.cn:8000", "a b", ",", "a.cn,*", "盯办.cn"])
def test_a_host_that_is_no_host_name_is_a_fault_and_only_this_machine_is_served(text: str) -> None:
    environment = Environment({"ALLOWED_HOSTS": text})

    assert environment.hosts("ALLOWED_HOSTS") == ["localhost", "127.0.0.1", "[::1]"]
    assert ids(environment) == ["config.E003"]


def test_a_postgresql_address_is_understood() -> None:
    environment = Environment({"DATABASE_URL": "postgresql://u:p%40ss@h:5433/d?sslmode=require"})

    described = environment.database("DATABASE_URL", default="")

    assert described["ENGINE"] == "django.db.backends.postgresql"
    assert (described["USER"], described["PASSWORD"]) == ("u", "p@ss")
    assert (described["HOST"], described["PORT"], described["NAME"]) == ("h", 5433, "d")
    assert described["OPTIONS"] == {"sslmode": "require"}


def test_a_sqlite_address_may_hold_blanks_and_chinese() -> None:
    environment = Environment({"DATABASE_URL": "sqlite:////tmp/%E7%9B%AF%E5%8A%9E%20a%2Bb/d.sqlite3"})

    assert environment.database("DATABASE_URL", default="")["NAME"] == "/tmp/盯办 a+b/d.sqlite3"


@pytest.mark.parametrize(
    "url",
    ["mysql://u@h/d", "oracle://u@h/d", "postgresql://h:port/d", "postgresql://u@h:5432/", "sqlite://", "words", "://"],
)
def test_any_other_database_address_is_a_fault_and_no_database_stands_in(url: str) -> None:
    environment = Environment({"DATABASE_URL": url})

    assert environment.database("DATABASE_URL", default="") == {"ENGINE": "django.db.backends.dummy"}
    assert ids(environment) == ["config.E002"]


def test_a_fault_never_shows_a_password() -> None:
    environment = Environment(
        {"DATABASE_URL": "mysql://u:hunter2@h/d", "REDIS_URL": "http://:hunter2@h", "EMAIL_URL": "pop://u:hunter2@h"}
    )

    environment.database("DATABASE_URL", default="")
    environment.queue("REDIS_URL", default="redis://h")
    environment.mail("EMAIL_URL", default="smtp://h")

    assert ids(environment) == ["config.E002"] * 3
    assert "hunter2" not in repr(environment.faults)


@pytest.mark.parametrize("url", ["redis://h:6379/0", "rediss://:secret@h:6380/1", "redis://h"])
def test_a_redis_address_is_kept_as_it_is(url: str) -> None:
    environment = Environment({"REDIS_URL": url})

    assert environment.queue("REDIS_URL", default="redis://other") == url
    assert environment.faults == []


@pytest.mark.parametrize("url", ["amqp://h", "redis://", "redis://h:port", "localhost:6379"])
def test_any_other_queue_address_is_a_fault(url: str) -> None:
    environment = Environment({"REDIS_URL": url})

    assert environment.queue("REDIS_URL", default="redis://other") == "redis://other"
    assert ids(environment) == ["config.E002"]


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.cn", 25, False, False),
        ("smtp+tls://u%40cn:p@mail.cn", 587, True, False),
        ("smtp+ssl://u%40cn:p@mail.cn:4650", 4650, False, True),
    ],
)
def test_a_mail_address_says_port_and_encryption(url: str, port: int, tls: bool, ssl: bool) -> None:
    described = Environment({"EMAIL_URL": url}).mail("EMAIL_URL", default="")

    assert described["EMAIL_PORT"] == port
    assert described.get("EMAIL_USE_TLS", False) is tls
    assert described.get("EMAIL_USE_SSL", False) is ssl


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("smtp://u%40example.cn:p@mail.cn", "u@example.cn"),
        ("smtp://u%40example.cn:p@mail.cn?from=dingban@example.cn", "dingban@example.cn"),
        ("smtp://mail.cn", None),
    ],
)
def test_the_sender_is_the_one_named_or_else_the_account(url: str, sender: str | None) -> None:
    described = Environment({"EMAIL_URL": url}).mail("EMAIL_URL", default="")

    assert described.get("DEFAULT_FROM_EMAIL") == sender


@pytest.mark.parametrize("url", ["http://h", "smtp://", "smtp://h:port", "words"])
def test_any_other_mail_address_is_a_fault_and_nothing_is_sent(url: str) -> None:
    environment = Environment({"EMAIL_URL": url})

    assert environment.mail("EMAIL_URL", default="")["EMAIL_BACKEND"].endswith("locmem.EmailBackend")
    assert ids(environment) == ["config.E002"]


def test_field_keys_keep_their_order(tmp_path: Path) -> None:
    environment = Environment({"FIELD_KEYS": f"k2:{KEY}, k1:{KEY}"})

    assert list(environment.field_keys("FIELD_KEYS", kept_in=tmp_path / "keys")) == ["k2", "k1"]
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize(
    "text", [KEY, f"k1:{KEY[:-4]}", "k1:", f"k1:{KEY},k1:{KEY}", f"a b:{KEY}", f"k1:{KEY},", "k1:不是密钥"]
)
def test_a_field_key_that_is_none_is_a_fault(text: str) -> None:
    environment = Environment({"FIELD_KEYS": text})

    assert environment.field_keys("FIELD_KEYS", kept_in=None) == {}
    assert ids(environment) == ["config.E006"]


def test_a_key_we_make_ourselves_is_accepted() -> None:
    environment = Environment({"FIELD_KEYS": new_field_key()})

    assert len(environment.field_keys("FIELD_KEYS", kept_in=None)["k1"]) == 32


def test_a_secret_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"

    first = Environment({}).secret("SECRET_KEY", kept_in=file)
    second = Environment({}).secret("SECRET_KEY", kept_in=file)

    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_where_nothing_may_be_kept_no_file_is_made_and_no_secret_is_like_another() -> None:
    assert Environment({}).secret("SECRET_KEY", kept_in=None) != Environment({}).secret("SECRET_KEY", kept_in=None)


def test_two_that_start_together_keep_the_same_text(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"
    both_have_looked = threading.Barrier(2)
    read: list[str] = []

    def start(text: str) -> None:
        def make() -> str:
            both_have_looked.wait(timeout=10)
            return text

        read.append(keep_once(file, make))

    threads = [threading.Thread(target=start, args=(text,)) for text in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert len(read) == 2
    assert read[0] == read[1]
    assert read[0] in ("one", "two")


def test_a_folder_of_others_is_read_where_it_is(tmp_path: Path) -> None:
    environment = Environment({"FONT_DIR": str(tmp_path)})

    assert environment.readable_folder("FONT_DIR") == tmp_path
    assert environment.readable_folder("OTHER_DIR") is None
    assert environment.faults == []


def test_a_folder_of_others_that_is_not_there_is_a_fault_and_is_not_made(tmp_path: Path) -> None:
    environment = Environment({"FONT_DIR": str(tmp_path / "fonts")})

    assert environment.readable_folder("FONT_DIR") is None
    assert ids(environment) == ["config.E004"]
    assert not (tmp_path / "fonts").exists()


def test_a_folder_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environment = Environment({"DATA_DIR": str(tmp_path / "file" / "data")})

    environment.folder("DATA_DIR", default=tmp_path)

    assert ids(environment) == ["config.E004"]


def test_a_secret_that_cannot_be_kept_is_a_fault(tmp_path: Path) -> None:
    environment = Environment({})

    environment.secret("SECRET_KEY", kept_in=tmp_path / "missing" / "secret_key")

    assert ids(environment) == ["config.E004"]


@pytest.mark.parametrize(("text", "expected"), [("17000", 17000), ("", 1), ("words", 1), ("0", 1), ("70000", 1)])
def test_a_port_is_remembered_only_if_it_is_one(tmp_path: Path, text: str, expected: int) -> None:
    (tmp_path / "redis.port").write_text(text)

    assert remembered_port(tmp_path / "redis.port", default=1) == expected


def test_no_port_is_remembered_before_the_first_start(tmp_path: Path) -> None:
    assert remembered_port(tmp_path / "redis.port", default=16379) == 16379


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https://dingban.example.cn", "https://dingban.example.cn"),
        ("http://10.1.2.3:8080/", "http://10.1.2.3:8080"),
        ("", ""),
    ],
)
def test_the_address_of_the_site_is_read_up_to_its_port(url: str, read: str) -> None:
    environment = Environment({"SITE_URL": url})

    assert environment.site("SITE_URL") == read
    assert environment.faults == []


@pytest.mark.parametrize(
    "url",
    ["dingban.example.cn", "ftp://h", "https://", "https://h:port", "https://u:p@h", "https://h/path", "https://h?q=1"],
)
def test_any_other_address_of_the_site_is_a_fault_and_mails_are_without_links(url: str) -> None:
    environment = Environment({"SITE_URL": url})

    assert environment.site("SITE_URL") == ""
    assert ids(environment) == ["config.E002"]


def test_variables_of_one_family_are_read_by_the_rest_of_their_names() -> None:
    environment = Environment({"GATEWAY_SECRET_A": "1", "GATEWAY_SECRET_B": " ", "GATEWAY_SECRET_": "2", "OTHER": "3"})

    assert environment.named("GATEWAY_SECRET_") == {"A": "1"}


def test_hosts_of_other_systems_are_read_with_their_ports() -> None:
    environment = Environment({"HOSTS": "Portal.example.cn, 10.1.2.3:8443,[::1]:8080,[::1]"})

    assert environment.ends("HOSTS") == (
        ("portal.example.cn", None),
        ("10.1.2.3", 8443),
        ("::1", 8080),
        ("::1", None),
    )
    assert environment.ends("ABSENT") == ()
    assert environment.faults == []


@pytest.mark.parametrize(
    "text", ["https://h", "h/path", "*.example.cn", "*", ".example.cn", "h:0", "h:70000", "h:", "a,,b c", "u@h", "::1"]
)
def test_a_host_that_cannot_be_understood_is_a_fault_and_then_nobody_may_be_told(text: str) -> None:
    environment = Environment({"HOSTS": f"good.example.cn,{text}"})

    assert environment.ends("HOSTS") == ()
    assert ids(environment) == ["config.E040"]
    assert text not in environment.faults[0].sentence


@pytest.mark.parametrize(("text", "word"), [("", "optional"), ("required", "required"), (" Required ", "required")])
def test_a_word_of_a_few_is_read_whatever_its_case(text: str, word: str) -> None:
    environment = Environment({"NAME": text})

    assert environment.choice("NAME", ("required", "optional"), default="optional") == word
    assert environment.faults == []


def test_any_other_word_is_a_fault_and_the_default_stands_in() -> None:
    environment = Environment({"NAME": "maybe"})

    assert environment.choice("NAME", ("required", "optional"), default="optional") == "optional"
    assert ids(environment) == ["config.E016"]
    assert "maybe" not in environment.faults[0].sentence


@pytest.mark.parametrize(("text", "number"), [("", 3), ("1", 1), ("10", 10), (" 7 ", 7)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    environment = Environment({"NAME": text})

    assert environment.number("NAME", default=3, least=1, most=10) == number
    assert environment.faults == []


@pytest.mark.parametrize("text", ["0", "11", "-1", "3.5", "３", "many", "1e1"])
def test_what_is_no_number_or_too_small_or_too_large_is_a_fault(text: str) -> None:
    environment = Environment({"NAME": text})

    assert environment.number("NAME", default=3, least=1, most=10) == 3
    assert ids(environment) == ["config.E015"]


def test_networks_and_single_addresses_are_parted_by_commas() -> None:
    environment = Environment({"NAME": "10.1.2.0/24, 10.1.3.9,fd00::/8,"})

    found = environment.networks("NAME")

    assert found == (ip_network("10.1.2.0/24"), ip_network("10.1.3.9/32"), ip_network("fd00::/8"))
    assert environment.networks("OTHER") == ()
    assert environment.faults == []


@pytest.mark.parametrize("text", ["10.1.2.3/24", "10.1.2.0/33", "intranet", "10.1.2", "*"])
def test_what_is_no_network_is_a_fault(text: str) -> None:
    environment = Environment({"NAME": f"10.0.0.0/8,{text}"})

    assert environment.networks("NAME") == (ip_network("10.0.0.0/8"),)
    assert ids(environment) == ["config.E014"]
    assert "第 2 段" in environment.faults[0].sentence


@pytest.mark.parametrize(
    ("given", "means"),
    [("", ["127.0.0.0/8", "::1/128"]), ("10.1.2.3, 10.2.0.0/16", ["10.1.2.3/32", "10.2.0.0/16"])],
)
def test_where_no_network_is_named_those_of_the_default_are_meant(given: str, means: list[str]) -> None:
    environment = Environment({"NAME": given})

    assert [str(network) for network in environment.networks("NAME", default="127.0.0.0/8,::1/128")] == means
    assert environment.faults == []
