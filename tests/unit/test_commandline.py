"""The command that a reader repeats."""

from spikewatt.commandline import snakemake_command


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
