"""The shipped catalogue, read once; and the folder of facts beside the repository, which is not part of it."""

from pathlib import Path

import pytest

from cases.catalogue import Core, load_core

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def law() -> Core:
    return load_core(ROOT / "seeds")


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("旁边没有 shared 目录，不能与事实资料核对")
    return folder
