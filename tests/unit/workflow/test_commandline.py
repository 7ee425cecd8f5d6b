"""The command that a reader repeats."""

from spikewatt.workflow.commandline import snakemake_command, typed


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
