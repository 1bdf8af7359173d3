from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.singleton import Singleton

from mushin import multirun, sweep

APPLICATION = """
import sys, hydra
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf
from mushin import multirun, sweep

store = ConfigStore.instance()
store.store(name="config", node={"a": 1, "out": "${hydra:runtime.output_dir}"})
store.store(group="model", name="cnn", node={"width": 3})

@sweep
def task(model, seed):
    return {"name": model, "job": HydraConfig.get().job.name}

@hydra.main(version_base="1.3", config_name="config", config_path=None)
def main(config):
    before = HydraConfig.get().runtime.output_dir, config.out, HydraConfig.get().job.name
    ds = task.run(model=multirun(["cnn", "1"]), seed=0, working_dir=f"{before[0]}/sweep").to_xarray()
    assert ds["name"].values.tolist() == ["cnn", "1"], ds
    assert ds["job"].values.tolist() == ["task", "task"], ds
    assert before == (HydraConfig.get().runtime.output_dir, config.out, HydraConfig.get().job.name)
    assert "model" in ConfigStore.instance().repo and "mushin_sweep.yaml" not in ConfigStore.instance().repo
    print("done", "torch" in sys.modules)

main()
"""


def test_a_sweep_runs_inside_a_hydra_application_and_leaves_it_as_it_was(tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    script.write_text(APPLICATION)
    ran = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert ran.stdout.endswith("done False\n"), ran.stderr


def test_a_sweep_leaves_nothing_behind_in_hydra(tmp_path: Path) -> None:
    @sweep
    def task(x: int) -> dict[str, Any]:
        return {"inner": inner.run(y=x, working_dir=tmp_path / f"inner{x}").to_xarray()["z"].item()}

    @sweep
    def inner(y: int) -> dict[str, Any]:
        return {"z": 2 * y}

    ConfigStore.instance()
    names = sorted(kind.__name__ for kind in Singleton._instances if kind.__name__ != "Plugins")
    repo = set(ConfigStore.instance().repo)
    ds = task.run(x=multirun([1, 2]), working_dir=tmp_path / "outer").to_xarray()
    assert ds["inner"].values.tolist() == [2, 4]
    assert not GlobalHydra.instance().is_initialized()
    assert set(ConfigStore.instance().repo) == repo
    found = {kind.__name__ for kind in Singleton._instances}
    assert set(names) <= found
