from __future__ import annotations

import os
import re
import site
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mushin.config.targets import (
    INSTALLED,
    clear_caches,
    find_target,
    is_installed,
    source_digest,
    targets_in,
)
from mushin.errors import ConfigError

MODULE = """
import functools
from collections import OrderedDict as Ordered
from json import dumps

def plain(a, b=1, *, c=2):
    inner = 3

def anything(a, **rest): ...

def positional(a, /, b, *more, c): ...

async def later(a): ...

@functools.cache
def decorated(a): ...

class Model:
    width = 3
    def __init__(self, x, y=1): ...
    def fit(self, data): ...

class Guarded:
    def __init__(self, /, x, *, y): ...

class Inheriting(Model): ...

class Custom:
    def __new__(cls, a): ...
    def __init__(self, b): ...

class Metaclassed(metaclass=type):
    def __init__(self, a): ...

class Wrapped:
    @functools.wraps(plain)
    def __init__(self, a): ...

class Shadow:
    def twin(self, wrong): ...
def twin(right): ...

alias = Model
partial = functools.partial(plain, 1)
one, (two, *three) = 1, (2, 3)
annotated: int = 3

if functools:
    def conditional(a): ...
else:
    def conditional(b): ...

try:
    import nowhere_at_all as optional
except ImportError:
    optional = None

def rebound(a): ...
rebound = functools.partial(rebound, a=1)

def set_up():
    global assigned
    assigned = plain
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory, with nothing remembered before or after."""
    monkeypatch.chdir(tmp_path)
    clear_caches()
    yield tmp_path
    clear_caches()


def write(name: str, content: str = "def build(a): ...\n") -> Path:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file


def assert_refused(path: object, problem: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(problem)):
        find_target(path)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "keywords"),
    [
        ("plain", ("a", "b", "c")),
        ("positional", ("b", "c")),
        ("Model", ("x", "y")),
        ("Guarded", ("x", "y")),
        ("twin", ("right",)),
        ("set_up", ()),
        ("anything", None),
        ("later", None),
        ("decorated", None),
        ("Inheriting", None),
        ("Custom", None),
        ("Metaclassed", None),
        ("Wrapped", None),
        ("alias", None),
        ("partial", None),
        ("conditional", None),
        ("optional", None),
        ("rebound", None),
        ("assigned", None),
        ("Ordered", None),
        ("dumps", None),
        ("one", None),
        ("three", None),
        ("annotated", None),
        ("Model.fit", None),
        ("Model.fit.__name__", None),
    ],
)
def test_keywords_are_told_only_where_the_source_is_sure(name: str, keywords: tuple[str, ...] | None) -> None:
    file = write("models.py", MODULE)
    found = find_target(f"models.{name}")
    assert found.keywords == keywords
    assert found.file == file.resolve()


@pytest.mark.parametrize("name", ["inner", "width", "fit", "x", "OrderedDict", "missing"])
def test_name_that_is_no_attribute_of_the_module_is_refused(name: str) -> None:
    write("models.py", MODULE)
    assert_refused(f"models.{name}", f"'models.{name}' does not exist: module 'models' has no {name!r}")


def test_closest_attribute_or_submodule_is_suggested() -> None:
    write("package/__init__.py", "def build(): ...\n")
    write("package/nets.py")
    assert_refused("package.biuld", "module 'package' has no 'biuld'; did you mean 'build'?")
    assert_refused("package.nest.build", "module 'package' has no 'nest'; did you mean 'nets'?")
    assert_refused("package.nets.biuld", "module 'package.nets' has no 'biuld'; did you mean 'build'?")


@pytest.mark.parametrize(
    "source",
    [
        "from json import *\n",
        "def __getattr__(name): return 3\n",
        "globals()['dynamic'] = 3\n",
        "exec('dynamic = 3')\n",
        "if True:\n    from json import *\n",
    ],
)
def test_module_that_makes_names_as_it_runs_is_believed(source: str) -> None:
    write("models.py", source)
    assert find_target("models.dynamic").keywords is None


def test_getattr_of_a_class_says_nothing_of_the_module() -> None:
    write("models.py", "class Lazy:\n    def __getattr__(self, name): ...\n")
    assert_refused("models.missing", "module 'models' has no 'missing'")


def test_package_and_reexport_are_found_in_their_own_file() -> None:
    init = write("package/__init__.py", "from package.nets import build\n")
    nets = write("package/nets.py")
    assert find_target("package.build").file == init.resolve()
    assert find_target("package.nets.build").file == nets.resolve()
    assert find_target("package.nets.build").keywords == ("a",)


def test_folders_without_init_are_packages_at_any_depth() -> None:
    nets = write("models/vision/deep/nets.py")
    assert find_target("models.vision.deep.nets.build").file == nets.resolve()
    assert_refused(
        "models.vision.deep.nest.build", "folder 'models.vision.deep' has no module 'nest'; did you"
    )
    assert_refused("models.vision.nets.build", "folder 'models.vision' has no module 'nets'")
    assert_refused("models.vision", "'models.vision' names a module")


def test_folder_named_like_a_library_does_not_hide_it() -> None:
    write("torch/weights.txt", "")
    assert source_digest("torch.optim.AdamW") == INSTALLED
    assert find_target("torch.optim.AdamW").file is not None


def test_module_in_the_working_directory_comes_before_an_installed_one() -> None:
    file = write("tabulate.py")
    assert find_target("tabulate.build").file == file.resolve()


@pytest.mark.parametrize(
    "path", ["", "build", "models.", ".models", "a..b", "a b.c", "class.1x", 3, None, ["a.b"]]
)
def test_text_that_is_no_dotted_path_is_refused(path: object) -> None:
    problem = (
        "there is no module" if path == "build" else f"{path!r} is not a dotted path such as package.module"
    )
    assert_refused(path, problem)


def test_module_is_no_target() -> None:
    write("models.py")
    assert_refused("models", "'models' names a module; accepted: package.module.callable")
    assert_refused("json", "'json' names a module")


def test_missing_module_is_named() -> None:
    assert_refused(
        "nowhere.build", "'nowhere.build' cannot be imported: there is no module 'nowhere' here or in"
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"x = 1\ndef build(:\n", "nets.py:2 is not valid Python: invalid syntax"),
        (b"x = '\xe9'\n", "nets.py:1 is not valid Python"),
        (b"x = 1\0\n", "nets.py is not valid Python"),
    ],
)
def test_syntax_error_names_the_file_and_the_line(content: bytes, problem: str) -> None:
    write("models/nets.py").write_bytes(content)
    assert_refused("models.nets.build", f"models/{problem}")


def test_source_that_warns_is_read_without_a_word() -> None:
    write("models.py", "pattern = '\\d'\ndef build(a): ...\n")
    assert find_target("models.build").keywords == ("a",)


@pytest.mark.parametrize(
    "path", ["math.sqrt", "sys.exit", "builtins.dict", "numpy.linalg.norm", "json.loads"]
)
def test_installed_and_built_in_modules_are_not_digested(path: str) -> None:
    assert source_digest(path) == INSTALLED


def test_digest_follows_the_content_of_the_file_alone() -> None:
    file = write("models.py")
    write("copy.py")
    first = source_digest("models.build")
    assert re.fullmatch("[0-9a-f]{16}", first)
    write("same.py")
    assert source_digest("same.build") == first
    file.write_text("def build(a): return a\n")
    assert source_digest("models.build") == first
    clear_caches()
    assert source_digest("models.build") != first
    file.write_text("def build(a): ...\n")
    clear_caches()
    assert source_digest("models.build") == first


def test_file_that_appears_later_is_found_after_clearing() -> None:
    with pytest.raises(ConfigError, match="there is no module 'models'"):
        find_target("models.build")
    write("models.py")
    clear_caches()
    assert find_target("models.build").keywords == ("a",)


@pytest.mark.parametrize("packages", [site.getusersitepackages(), *site.getsitepackages()])
def test_packages_of_the_user_and_of_the_system_are_installed(packages: str, folder: Path) -> None:
    assert is_installed(Path(packages) / "somewhere/module.py")
    assert not is_installed(folder / "module.py")


def test_packages_of_debian_and_of_a_module_system_are_installed(folder: Path) -> None:
    """A Python whose site-packages are elsewhere than sysconfig says, as Debian's dist-packages.

    So are those that a cluster's module adds to PYTHONPATH.
    """
    Path("modules/other-1.0.dist-info").mkdir(parents=True)
    script = (
        "import site\n"
        "site.getsitepackages = lambda: ['dist-packages']\n"
        "site.getusersitepackages = lambda: 'user-packages'\n"
        "from mushin.config.targets import source_digest\n"
        "print(*map(source_digest, ['theirs.build', 'users.build', 'other.build', 'mine.build']))\n"
    )
    for file in ("dist-packages/theirs.py", "user-packages/users.py", "modules/other.py", "mine.py"):
        write(file)
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(["dist-packages", "user-packages", "modules", *sys.path]),
        },
    )
    *others, mine = ran.stdout.split()
    assert others == [INSTALLED] * 3
    assert mine == source_digest("mine.build")


def test_targets_are_found_at_any_depth_outermost_first() -> None:
    node = {
        "_target_": "a.b",
        "x": [{"_target_": "c.d"}, 3],
        "y": {"z": {"_target_": "e.f"}},
        "_partial_": True,
    }
    assert list(targets_in(node)) == ["a.b", "c.d", "e.f"]
    assert list(targets_in({"_target_": None, "x": "_target_"})) == []


def test_planning_runs_no_module_of_the_study_and_imports_no_torch(study: Path) -> None:
    write("models/__init__.py", "raise SystemExit('the package ran')\n")
    write("models/nets.py", "raise SystemExit('the module ran')\ndef build(num_classes): ...\n")
    write("conf/method/own.yaml", "_target_: models.nets.build\nnum_classes: ${data.num_classes}\n")
    script = (
        "import sys\n"
        "from mushin.config.make_plan import make_plan\n"
        "from mushin.config.selection import Selection\n"
        "plan = make_plan(Selection(methods=('own', 'mlp')))\n"
        "print(plan.settings['digits', 'own'].sources['method'])\n"
        "heavy = {'torch', 'models', 'models.nets', 'sklearn', 'mushin.zoo.mlp'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert re.fullmatch(r'method\.source=\{"models\.nets\.build":"[0-9a-f]{16}"\}\n', ran.stdout)
