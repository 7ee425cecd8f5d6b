"""The command that a reader repeats."""

from spikewatt.workflow.commandline import (
    given_profile,
    retyped,
    snakemake_command,
    typed,
    was_interrupted,
)


def test_plain():
    assert snakemake_command() == "snakemake --cores 1"


def test_files_and_settings_come_before_the_cores(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = [tmp_path / "config/smoke.yaml", "/elsewhere/other.yaml"]
    assert snakemake_command(files, {"source": "local", "allow_missing": True}) == (
        "snakemake --configfile config/smoke.yaml /elsewhere/other.yaml "
        "--config source=local allow_missing=True --cores 1"
    )


def test_what_a_shell_would_read_is_quoted():
    command = snakemake_command(settings={"archives": "my data; rm -r ."})
    assert command == "snakemake --config 'archives=my data; rm -r .' --cores 1"


def test_values_have_the_types_of_a_config_file():
    given = {
        "seeds": ["0", "1"],
        "allow_missing": "true",
        "archives": "a folder: of mine",
        "training": {"learning_rate": "1e-2", "max_test_samples": "null"},
        "threads": 2,
    }
    assert typed(given) == {
        "seeds": [0, 1],
        "allow_missing": True,
        "archives": "a folder: of mine",
        "training": {"learning_rate": 0.01, "max_test_samples": None},
        "threads": 2,
    }


def test_what_stands_elsewhere_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    here = {"started_in": tmp_path / "work", "directory": "out"}
    assert snakemake_command(snakefile=tmp_path / "code/Snakefile", **here) == (
        f"snakemake --snakefile {tmp_path}/code/Snakefile --directory out --cores 1"
    )
    assert snakemake_command(snakefile=tmp_path / "work/Snakefile", **here) == (
        "snakemake --directory out --cores 1"
    )
    assert snakemake_command([tmp_path / "work/own.yaml"], **here) == (
        "snakemake --directory out --configfile own.yaml --cores 1"
    )


def test_without_cores_the_executor_is_named():
    settings = {"seeds": [0, 1]}
    assert snakemake_command((), settings, None, cluster=("slurm", 4)) == (
        "snakemake --config 'seeds=[0, 1]' --executor slurm --jobs 4"
    )
    assert snakemake_command(cores=None) == "snakemake"


def test_without_cores_a_profile_says_the_rest():
    argv = ["exp1", "--workflow-profile", "profiles/slurm", "--config", "seeds=[0]"]
    assert given_profile(argv) == given_profile(["--workflow-profile=profiles/slurm"])
    assert given_profile(["--profile", "x"]) is None
    told = snakemake_command(
        (), None, None, ("slurm", 100), given_profile(argv), targets=["exp1"]
    )
    assert told == "snakemake exp1 --workflow-profile profiles/slurm"


def test_only_what_the_command_line_gave_is_retyped():
    given = {"seeds": ["0"], "training": {"learning_rate": "1e-2"}, "other": "1"}
    config = {
        "seeds": ["0"],
        "training": {"learning_rate": "1e-2", "batch_size": 16, "kept": "8"},
        "results": "123",
    }
    assert retyped(config, given) == {
        "seeds": [0],
        "training": {"learning_rate": 0.01, "batch_size": 16, "kept": "8"},
        "results": "123",
    }
    assert retyped({"seeds": ["0"], "kept": "8"}, {"own": given}) == {
        "seeds": [0],
        "kept": "8",
    }


def test_targets_come_first_so_that_no_option_takes_them():
    settings = {"seeds": [0, 1]}
    command = snakemake_command(["/a.yaml"], settings, targets=["exp1", "exp2/cnn"])
    assert command == (
        "snakemake exp1 exp2/cnn --configfile /a.yaml --config 'seeds=[0, 1]' --cores 1"
    )


def test_an_interruption_is_known_from_the_log(tmp_path):
    quiet, told = tmp_path / "quiet", tmp_path / "told"
    quiet.write_text("Error in rule train\n")
    told.write_text("x\nTerminating processes on user request, this might take\n")
    assert not was_interrupted([quiet]) and was_interrupted([quiet, told])
