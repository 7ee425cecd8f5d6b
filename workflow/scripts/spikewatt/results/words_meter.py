"""What the meter's columns mean: those of a row, and those of telemetry.csv.

Texts that the meter itself writes into run.json (`meter.summary.DEFINITIONS`) are the
same here; a test holds them together.
"""

COUNTER = "meter: the driver's or kernel's counter, read at the phase's edges"
SAMPLES = "meter: samples within the phases"
DERIVED = "meter: worked out from the columns beside it"
QUALITY = "meter: about the measurement itself"

# origin → column → meaning, of the rows of epochs.csv and test.csv.
ROW = {
    SAMPLES: {
        "mean_gpu_memory_pct": "time-weighted mean of NVML's used / total · 100 of the "
        "whole device (W&B gpu.N.memoryAllocated)",
        "median_gpu_memory_pct": "median of the readings of device memory",
        "p95_gpu_memory_pct": "95th percentile of the readings of device memory",
        "max_gpu_memory_pct": "largest reading of device memory",
        "mean_gpu_power_w": "time-weighted mean of the whole board's power: the "
        "driver's instant field (NVML 186) where it has one, else "
        "nvmlDeviceGetPowerUsage / 1000 (W&B gpu.N.powerWatts), a mean of the last "
        "second on most cards from Ampere on",
        "median_gpu_power_w": "median of the readings of the board's power",
        "p95_gpu_power_w": "95th percentile of the readings of the board's power",
        "max_gpu_power_w": "largest reading of the board's power",
        "gpu_power_standard_error_w": "s / √n of that reading, where no two of the n "
        "lie closer than its update period and the published window that it averages "
        "over",
        "gpu_energy_integral_j": "board's energy: trapezoids over power samples",
        "mean_gpu_utilisation_pct": "share of time in which a kernel ran",
        "mean_gpu_sm_clock_mhz": "clock of the multiprocessors",
        "max_gpu_temperature_c": "highest temperature of the GPU",
        "max_gpu_process_memory_mib": "largest device memory of the measured process",
        "gpu_power_capped_pct": "share of samples in which the software power cap held "
        "the clocks",
        "recorder_gpu_power_w": "what the paper's recorder showed: mean of its points "
        "(15 samples, one every 2 s) that fell into the phases; empty where none did",
        "recorder_gpu_memory_pct": "the same of device memory",
    },
    COUNTER: {
        "gpu_energy_j": "difference of the board's energy counter at the phase's "
        "edges; where it has none, trapezoids over power samples (instant ones where "
        "offered)",
        "gpu_energy_counter_j": "board's energy by its counter",
        "cpu_energy_j": "RAPL package domains, all sockets, everything running on them",
        "dram_energy_j": "RAPL memory domains, all sockets",
        "cpu_time_s": "CPU seconds of the measured process and its descendants",
        "max_rss_mib": "the kernel's own high-water mark of resident memory (VmHWM) "
        "since the phase began, summed over the measured processes; where it can't be "
        "read or set back, the largest sampled sum",
        "other_cpu_cores": "CPU cores that other processes of the machine kept busy",
        "neighbour_cpu_cores": "of them, those of jobs that were measured on other "
        "GPUs of the machine",
        "io_read_mib": "read from disks by the measured processes",
        "io_write_mib": "written to disks by the measured processes",
        "meter_cpu_s": "CPU seconds of the meter's own process",
    },
    DERIVED: {
        "gpu_energy_uncertainty_j": "standard uncertainty: of the counter from its "
        "update period and step, of the integral from the standard error of the mean "
        "power; the sensor's gain error (up to about 10 % between cards) is not in it",
        "cpu_energy_uncertainty_j": "standard uncertainty of cpu_energy_j, from the "
        "counters' update period and step",
        "mean_cpu_power_w": "cpu_energy_j over time",
        "mean_cpu_cores": "cpu_time_s over time: cores kept busy",
        **{
            f"{device}_{name}": text.format(device=words)
            for device, words in (("gpu", "the board"), ("cpu", "the CPU packages"))
            for name, text in {
                "idle_power_w": "mean power of {device} in the idle phase",
                "energy_above_idle_j": "energy less mean idle power times time",
                "energy_above_idle_uncertainty_j": "standard uncertainty of it",
                "energy_delay_js": "energy times time",
                "energy_per_sample_j": "energy of {device} a sample that went through",
                "energy_per_correct_j": "energy of {device} a right answer",
            }.items()
        },
    },
    QUALITY: {
        "neighbours": "on how many other GPUs of the machine jobs were measured at "
        "once",
        "recorder_points": "points of the paper's recorder that fell into the phases",
        "measured_time_s": "length of the phases together",
        "meter_samples": "samples taken in the phases",
        "missed_ticks": "samples that the meter came too late for",
        "largest_gap_s": "longest time between two samples",
    },
}
HOST = "meter: the kernel's tables of processes (host)"
NVML = "meter: NVML, the NVIDIA driver"
APPLE = "meter: the counters of an Apple chip (IOReport)"
JETSON = "meter: the INA3221 sensors of a Jetson"
RAPL = "meter: RAPL, the CPU's energy counters"
LABELS = "meter: the row itself"
# origin → column → meaning, of telemetry.csv: a row a sample.
SAMPLE = {
    LABELS: {
        "monotonic_s": "moment of the sample, on a clock that nobody sets back",
        "phase": "idle, warmup, train, val or test; after it warmup_, latency_ and "
        "window_ of each path of inference.csv; empty between phases",
        "epoch": "of the phase, from 1; empty where it has none",
        "missed_ticks": "samples missed just before this one",
        "event": "what happened to the meter or the device, in words",
    },
    HOST: {
        "cpu_time_s": "CPU seconds of the measured processes so far",
        "rss_mib": "resident memory of the measured processes",
        "processes": "how many processes are measured",
        "io_read_mib": "read from disks by them so far",
        "io_write_mib": "written to disks by them so far",
        "meter_cpu_s": "CPU seconds of the meter's own process so far",
        "machine_busy_s": "CPU seconds of the whole machine so far",
        "swapped_mib": "swapped by the whole machine so far",
        "peak_rss_mib": "the kernel's high-water mark of their resident memory",
    },
    NVML: {
        "gpu_power_w": "nvmlDeviceGetPowerUsage: the board's power",
        "gpu_power_average_w": "field 185: mean of the board's power",
        "gpu_power_instant_w": "field 186: the board's power at the moment",
        "gpu_energy_j": "the board's energy counter",
        "gpu_memory_pct": "used / total · 100 of the device's memory, by anybody",
        "gpu_memory_used_mib": "used of the device's memory, by anybody",
        "gpu_memory_total_mib": "all of the device's memory",
        "gpu_utilisation_pct": "share of time in which a kernel ran",
        "gpu_memory_utilisation_pct": "share of time in which memory was read or "
        "written",
        "gpu_sm_clock_mhz": "clock of the multiprocessors",
        "gpu_memory_clock_mhz": "clock of the memory",
        "gpu_clock_events": "why the clocks are held down, bits of nvml.h",
        "gpu_temperature_c": "temperature of the GPU",
        "gpu_performance_state": "0, the fastest, to 15",
        "gpu_power_limit_w": "the enforced power limit",
        "gpu_process_memory_mib": "device memory of the measured process",
        "gpu_other_processes": "how many other processes compute on the device",
        "gpu_other_displays": "how many other processes draw on the device",
        "gpu_other_pids": "the numbers of other processes on the device",
        "recorder_gpu_power_w": "a point of the paper's recorder: mean of 15 samples, "
        "one every 2 s",
        "recorder_gpu_memory_pct": "the same of device memory",
    },
    APPLE: {
        "apple_cpu_j": "energy of an Apple chip's CPU, by its counter",
        "apple_dram_j": "energy of its memory, by its counter",
    },
    JETSON: {"board_input_power_w": "power into the board, all of it"},
    RAPL: {
        "rapl_package_N_j": "energy of the CPU package N since the start",
        "rapl_dram_N_j": "energy of the memory of CPU package N since the start",
    },
}
