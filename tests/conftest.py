"""What every test may ask for. The rigs say what they are; see `tests/rigs`."""

pytest_plugins = [
    "tests.rigs.browser",
    "tests.rigs.gateway",
    "tests.rigs.ledgers",
    "tests.rigs.redis",
    "tests.rigs.sharing",
    "tests.rigs.smtp",
    "tests.rigs.template",
    "tests.rigs.worker",
]
