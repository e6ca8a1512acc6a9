"""A store is whole or refused: what was published is read back, what was touched is not."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from concierge_tools.errors import StoreError
from concierge_tools.storage.store import KEPT, Store
from tests.tools.toy_store import fitted, small_config


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    pairs = [(f"u{user}", f"i{item}") for user in range(4) for item in range(4) if item != user]
    return fitted(folder, small_config(folder, pairs))[0].folder


@pytest.fixture
def store(published: Path, tmp_path: Path) -> Store:
    """A copy of the published store, to be damaged."""
    shutil.copytree(published, tmp_path / "store")
    return Store(tmp_path / "store")


def artifact_files(store: Store) -> list[Path]:
    folder = store.folder / "artifacts" / store.current_version()
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")


def test_an_artifact_has_every_part(store: Store) -> None:
    artifact = store.load()
    assert artifact.config.name == artifact.catalog.name == "toy"
    assert artifact.catalog.field("price").unit == "EUR"
    assert [*artifact.members] == ["als", "neighbours", "content"]
    assert artifact.search.search("item", 9)[0].tolist() == [0, 1, 2, 3]
    assert artifact.vocabulary.resolve("Item 2")[0].item_id == "i2"
    assert artifact.manifest.counts["items"] == 4


def test_a_changed_byte_in_any_file_is_refused(store: Store) -> None:
    store.load()
    for path in artifact_files(store):
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if whole else b"x")
        with pytest.raises(StoreError, match=r"run `concierge fit` again"):
            store.load()
        path.write_bytes(whole)
    store.load()


def add(folder: Path) -> None:
    (folder / "models" / "extra.bin").write_bytes(b"")


def remove(folder: Path) -> None:
    (folder / "items.parquet").unlink()


def link(folder: Path) -> None:
    (folder / "items.parquet").rename(folder.parent / "elsewhere")
    (folder / "items.parquet").symlink_to(folder.parent / "elsewhere")


def forget_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize("damage", [add, remove, link, forget_the_manifest])
def test_added_missing_and_linked_files_are_refused(store: Store, damage: Callable[[Path], None]) -> None:
    damage(store.folder / "artifacts" / store.current_version())
    with pytest.raises(StoreError, match=r"damaged .* run `concierge fit` again"):
        store.load()


@pytest.mark.parametrize("text", ["", "../../etc\n", "20260101T000000Z-00000000\n", "x" * 100])
def test_a_pointer_that_is_none_is_refused(store: Store, text: str) -> None:
    (store.folder / "current").write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match=r"run `concierge fit` again"):
        store.load()


def test_another_format_is_refused_with_the_command_to_run(store: Store) -> None:
    manifest = store.folder / "artifacts" / store.current_version() / "manifest.json"
    changed = json.loads(manifest.read_text(encoding="utf-8")) | {"format_version": 99}
    manifest.write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(StoreError, match=r"run `concierge fit` again"):
        store.load()


@pytest.mark.parametrize("place", ["nowhere", "a-file/below"])
def test_where_nothing_was_published_the_error_says_how_to(tmp_path: Path, place: str) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(StoreError, match=r"run `concierge fit`"):
        Store(tmp_path / place).load()


def test_a_publication_that_breaks_off_leaves_the_old_artifact(store: Store) -> None:
    before = store.current_version()

    def break_off(folder: Path) -> None:
        (folder / "half").write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.publish(break_off)
    assert store.load().version == before
    assert [path.name for path in (store.folder / "artifacts").iterdir()] == [before]


def test_old_artifacts_are_removed_but_for_the_newest(store: Store) -> None:
    versions = [store.publish(lambda folder: (folder / "file").touch()) for _ in range(KEPT + 2)]
    left = {path.name for path in (store.folder / "artifacts").iterdir()}
    assert len(left) == KEPT
    assert store.current_version() == versions[-1]
    assert versions[-1] in left


def test_a_loaded_artifact_outlives_its_files(store: Store) -> None:
    artifact = store.load()
    shutil.rmtree(store.folder)
    assert artifact.search.search("item", 9)[0].tolist() == [0, 1, 2, 3]


def test_searching_leaves_the_artifact_as_it_was(store: Store) -> None:
    before = {path: path.read_bytes() for path in artifact_files(store)}
    store.load().search.search("item", 9)
    store.load().search.search("item", 9)
    assert {path: path.read_bytes() for path in artifact_files(store)} == before
    assert not list(store.folder.rglob("*.lock"))


def test_the_private_copy_of_the_index_goes_with_the_artifact(store: Store) -> None:
    artifact = store.load()
    folder = artifact.search_folder
    assert folder.is_dir()
    del artifact
    assert not folder.exists()


def test_a_store_that_stays_at_a_version_reads_it_until_it_is_gone(store: Store) -> None:
    first = store.current_version()
    pinned = Store(store.folder, version=first)
    second = store.publish(lambda folder: (folder / "file").touch())

    assert (pinned.current_version(), store.current_version()) == (first, second)
    assert pinned.load().version == first

    for _ in range(KEPT):
        store.publish(lambda folder: (folder / "file").touch())
    with pytest.raises(StoreError, match="is gone; the store keeps the last 3"):
        pinned.load()


@pytest.mark.parametrize("version", ["../artifacts", "20260101T000000Z-00000000"])
def test_a_version_that_is_none_is_refused(store: Store, version: str) -> None:
    with pytest.raises(StoreError, match="is gone"):
        Store(store.folder, version=version).load()


def test_the_configuration_is_read_alone(store: Store) -> None:
    (store.folder / "artifacts" / store.current_version() / "items.parquet").unlink()

    assert store.config().name == "toy"
