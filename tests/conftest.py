"""What the tests share: the real encoder, compiled once a session, and homes that use it."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from browsing import CHROMIUM, serving
from playwright.sync_api import Browser, Page, sync_playwright

import index.models
from index import FileStamp, Home, rebuild
from index.durable import sha256_of
from index.models import DEFAULT_MODEL, prepare_encoder


@pytest.fixture(scope="session")
def compiled_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home's folder of models, with the default encoder compiled."""
    models = tmp_path_factory.mktemp("compiled") / "models"
    prepare_encoder(models, DEFAULT_MODEL)
    return models


@pytest.fixture(scope="session")
def _weights_are_hashed_once() -> Iterator[None]:
    """Ninety megabytes at every build would be most of what some tests take."""

    @cache
    def hash_of(path: Path, stamp: FileStamp) -> str:
        return sha256_of(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index.models, "sha256_of", lambda path: hash_of(path, FileStamp.of(path)))
        yield


@pytest.fixture
def new_home(tmp_path: Path, compiled_models: Path) -> Home:
    """A home that was never built, with the encoder at hand."""
    home = Home(tmp_path / "home")
    home.path.mkdir(mode=0o700)
    home.models.symlink_to(compiled_models, target_is_directory=True)
    return home


@pytest.fixture(scope="session")
def _bundled(tmp_path_factory: pytest.TempPathFactory, compiled_models: Path) -> Path:
    home = Home(tmp_path_factory.mktemp("bundled") / "home")
    home.path.mkdir(mode=0o700)
    home.models.symlink_to(compiled_models, target_is_directory=True)
    rebuild(home)
    return home.path


@pytest.fixture
def bundled_home(tmp_path: Path, _bundled: Path) -> Home:
    """A home of its own with the bundled documents indexed."""
    shutil.copytree(_bundled, tmp_path / "home", symlinks=True)
    return Home(tmp_path / "home")


@pytest.fixture
def home_of(new_home: Home, tmp_path: Path) -> Callable[[dict[str, str]], Home]:
    """Builds a home of the given texts, by file name."""

    def build(texts: dict[str, str]) -> Home:
        folder = tmp_path / "documents"
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        new_home.add(folder)
        new_home.remove(Path("bundled"))
        rebuild(new_home)
        return new_home

    return build


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of public data that some tests measure on; they skip where it is absent."""
    place = Path(os.environ.get("READOUT_TEST_DATA", "../shared/data"))
    if not place.is_dir():
        pytest.skip(f"no test data at {place}; set READOUT_TEST_DATA")
    return place


@pytest.fixture
def address(bundled_home: Home) -> Iterator[str]:
    """The address of a page that answers from the bundled documents."""
    with serving(bundled_home) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser; what needs one is skipped where there is none."""
    if not CHROMIUM:
        pytest.skip("no Chromium; set READOUT_CHROMIUM to the path of one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser's page of its own, with nothing remembered and nothing opened yet."""
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
