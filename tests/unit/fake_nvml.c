/* A libnvidia-ml.so.1 that plays a script, so that NVML is tested without a GPU.
 *
 * The file named by FAKE_NVML is read when NVML is initialised. A line «device UUID»
 * begins a device; the lines after it describe it. Times are seconds of
 * CLOCK_MONOTONIC after «t0». Readings are renewed every «update» seconds and the
 * energy counter is the exact integral of the power curve, every «energy_update».
 * Events happen when the file named by «switch» appears: a device is lost, its clock
 * changes, its counter starts again, or a refusal «before» ends.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OK 0
#define INVALID 2
#define NOT_SUPPORTED 3
#define INSUFFICIENT_SIZE 7
#define LOST 15
#define MOST 16

typedef struct { char name[48], when[8]; int code; } Refusal;
typedef struct { unsigned pid; unsigned long long bytes; } Process;
typedef struct {
    char uuid[64], name[64], curve[16];
    double a, b, period;              /* constant a; ramp a + b t; square a, b, period */
    double noise;                     /* watts that a reading is off, in turn + and - */
    double update, window, energy_update;
    double energy_gain;               /* of the counter, 1: it goes with power */
    double memory_total, memory_used, memory_slope;
    double clock, clock_after;
    unsigned long long events;
    int instance;                     /* of MIG: not in the list of boards */
    int lost, energy_reset, mig, architecture, instant, compute, graphics, refusals;
    Process compute_list[MOST], graphics_list[MOST];
    Refusal refused[MOST];
} Device;

static Device devices[4];
static int count, started;
static double t0;
static char trigger[256];

static int switched(void) { return *trigger && access(trigger, F_OK) == 0; }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9 - t0;
}

static double stepped(double t, double step) {
    return step > 0 ? floor(t / step) * step : t;
}

static double power_at(const Device *d, double t) {
    if (!strcmp(d->curve, "ramp")) return d->a + d->b * t;
    if (!strcmp(d->curve, "square")) {
        double phase = t / d->period - floor(t / d->period);
        return phase < 0.5 ? d->a : d->b;
    }
    return d->a;
}

/* Joules from t0 to t. */
static double energy_at(const Device *d, double t) {
    if (!strcmp(d->curve, "ramp")) return d->a * t + d->b * t * t / 2;
    if (!strcmp(d->curve, "square")) {
        double whole = floor(t / d->period), rest = t - whole * d->period;
        double high = fmin(rest, d->period / 2), low = rest - high;
        return whole * d->period / 2 * (d->a + d->b) + high * d->a + low * d->b;
    }
    return d->a * t;
}

static double average_at(const Device *d, double t) {
    if (d->window <= 0) return power_at(d, t);
    return (energy_at(d, t) - energy_at(d, t - d->window)) / d->window;
}

static void begin_device(const char *uuid) {
    Device *d = &devices[count++];
    memset(d, 0, sizeof *d);
    snprintf(d->uuid, sizeof d->uuid, "%s", uuid);
    snprintf(d->name, sizeof d->name, "Fake GPU %d", count - 1);
    strcpy(d->curve, "constant");
    d->a = 50;
    d->noise = 0.001;
    d->energy_gain = 1;
    d->update = d->energy_update = 0.02;
    d->memory_total = 8e9;
    d->memory_used = 2e9;
    d->clock = d->clock_after = 1500;
    d->architecture = 7;
    d->instant = 1;
}

static void describe(Device *d, const char *line) {
    Refusal *r = &d->refused[d->refusals];
    Process p;
    if (sscanf(line, "curve %15s %lf %lf %lf", d->curve, &d->a, &d->b, &d->period) > 1)
        return;
    if (sscanf(line, "memory %lf %lf %lf", &d->memory_total, &d->memory_used,
               &d->memory_slope) > 1)
        return;
    sscanf(line, "clock %lf %lf", &d->clock, &d->clock_after);
    sscanf(line, "events %llx", &d->events);
    sscanf(line, "name %63[^\n]", d->name);
    if (sscanf(line, "compute %u %llu", &p.pid, &p.bytes) == 2)
        d->compute_list[d->compute++] = p;
    if (sscanf(line, "graphics %u %llu", &p.pid, &p.bytes) == 2)
        d->graphics_list[d->graphics++] = p;
    if (sscanf(line, "refuse %47s %d %7s", r->name, &r->code, r->when) >= 2)
        d->refusals++;
    sscanf(line, "noise %lf", &d->noise);
    sscanf(line, "update %lf", &d->update);
    sscanf(line, "window %lf", &d->window);
    sscanf(line, "energy_update %lf", &d->energy_update);
    sscanf(line, "energy_gain %lf", &d->energy_gain);
    sscanf(line, "instance %d", &d->instance);
    sscanf(line, "energy_reset %d", &d->energy_reset);
    sscanf(line, "lost %d", &d->lost);
    sscanf(line, "mig %d", &d->mig);
    sscanf(line, "architecture %d", &d->architecture);
    sscanf(line, "instant %d", &d->instant);
}

int nvmlInitWithFlags(unsigned flags) {
    char line[256], uuid[64];
    const char *path = getenv("FAKE_NVML");
    FILE *script = path ? fopen(path, "r") : NULL;
    if (!script) return 9; /* the driver is not loaded */
    if (started++) { fclose(script); return OK; }
    count = 0;
    while (fgets(line, sizeof line, script)) {
        if (sscanf(line, "device %63s", uuid) == 1) begin_device(uuid);
        else if (sscanf(line, "switch %255s", trigger) == 1) continue;
        else if (sscanf(line, "t0 %lf", &t0) != 1 && count)
            describe(&devices[count - 1], line);
    }
    fclose(script);
    return OK;
}

int nvmlShutdown(void) { return OK; }

const char *nvmlErrorString(int code) {
    switch (code) {
    case 3: return "Not Supported";
    case 4: return "Insufficient Permissions";
    case 9: return "Driver Not Loaded";
    case 15: return "GPU is lost";
    default: return "Unknown Error";
    }
}

/* What the script says of a call: 0, or the error to answer with. */
static int verdict(const Device *d, const char *call) {
    if (d->lost && switched()) return LOST;
    for (int i = 0; i < d->refusals; i++) {
        const Refusal *r = &d->refused[i];
        if (!strcmp(r->name, call) && !(*r->when && switched())) return r->code;
    }
    return OK;
}

#define CALL(name) do { int v = verdict(d, name); if (v) return v; } while (0)

int nvmlDeviceGetCount_v2(unsigned *n) {
    *n = 0;
    while ((int)*n < count && !devices[*n].instance) ++*n;
    return OK;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device **d) {
    if ((int)index >= count) return INVALID;
    *d = &devices[index];
    return OK;
}

int nvmlDeviceGetHandleByUUID(const char *uuid, Device **d) {
    for (int i = 0; i < count; i++)
        if (!strcmp(devices[i].uuid, uuid)) { *d = &devices[i]; return OK; }
    return 6;
}

int nvmlDeviceGetUUID(Device *d, char *text, unsigned size) {
    CALL("UUID");
    snprintf(text, size, "%s", d->uuid);
    return OK;
}

int nvmlDeviceGetName(Device *d, char *text, unsigned size) {
    CALL("Name");
    snprintf(text, size, "%s", d->name);
    return OK;
}

int nvmlSystemGetDriverVersion(char *text, unsigned size) {
    snprintf(text, size, "570.0");
    return OK;
}

int nvmlDeviceGetVbiosVersion(Device *d, char *text, unsigned size) {
    CALL("VbiosVersion");
    snprintf(text, size, "1.2.3");
    return OK;
}

int nvmlDeviceGetEnforcedPowerLimit(Device *d, unsigned *mw) {
    CALL("EnforcedPowerLimit");
    *mw = 250000;
    return OK;
}

int nvmlDeviceGetPowerManagementDefaultLimit(Device *d, unsigned *mw) {
    CALL("PowerManagementDefaultLimit");
    *mw = 300000;
    return OK;
}

int nvmlDeviceIsMigDeviceHandle(Device *d, unsigned *is) {
    *is = d->instance;
    return OK;
}

int nvmlDeviceGetMigMode(Device *d, unsigned *current, unsigned *pending) {
    CALL("MigMode");
    *current = *pending = d->mig;
    return OK;
}

int nvmlDeviceGetArchitecture(Device *d, unsigned *which) {
    *which = d->architecture;
    return OK;
}

int nvmlDeviceGetCudaComputeCapability(Device *d, int *major, int *minor) {
    *major = 8;
    *minor = 6;
    return OK;
}

/* Readings are off by +noise and -noise in turn, a new one every update. */
static unsigned reading(const Device *d, double watts, double t) {
    long turn = d->update > 0 ? lround(t / d->update) : 0;
    return lround(1000 * (watts + (turn % 2 ? d->noise : -d->noise)));
}

int nvmlDeviceGetPowerUsage(Device *d, unsigned *mw) {
    CALL("PowerUsage");
    double t = stepped(now(), d->update);
    *mw = reading(d, average_at(d, t), t);
    return OK;
}

typedef struct {
    unsigned field, scope;
    long long timestamp, latency;
    unsigned type;
    int code;
    union { double d; unsigned ui; unsigned long long ull; } value;
} Field;

int nvmlDeviceGetFieldValues(Device *d, int n, Field *fields) {
    CALL("FieldValues");
    double t = stepped(now(), d->update);
    for (int i = 0; i < n; i++) {
        fields[i].type = 1;
        fields[i].code = d->instant ? OK : NOT_SUPPORTED;
        double watts = fields[i].field == 186 ? power_at(d, t) : average_at(d, t);
        fields[i].value.ui = reading(d, watts, t);
    }
    return OK;
}

int nvmlDeviceGetTotalEnergyConsumption(Device *d, unsigned long long *mj) {
    CALL("TotalEnergyConsumption");
    double joules = 5000 + d->energy_gain * energy_at(d, stepped(now(), d->energy_update));
    *mj = d->energy_reset && switched() ? 0 : llround(1000 * joules);
    return OK;
}

typedef struct { unsigned long long total, free, used; } Memory;

int nvmlDeviceGetMemoryInfo(Device *d, Memory *m) {
    CALL("MemoryInfo");
    m->total = d->memory_total;
    m->used = fmin(d->memory_total, d->memory_used + d->memory_slope * fmax(now(), 0));
    m->free = m->total - m->used;
    return OK;
}

int nvmlDeviceGetUtilizationRates(Device *d, unsigned *rates) {
    CALL("UtilizationRates");
    rates[0] = 80;
    rates[1] = 30;
    return OK;
}

int nvmlDeviceGetClockInfo(Device *d, int type, unsigned *mhz) {
    CALL("ClockInfo");
    *mhz = type == 2 ? 5000 : switched() ? d->clock_after : d->clock;
    return OK;
}

int nvmlDeviceGetCurrentClocksEventReasons(Device *d, unsigned long long *bits) {
    CALL("CurrentClocksEventReasons");
    *bits = d->events;
    return OK;
}

int nvmlDeviceGetTemperature(Device *d, int sensor, unsigned *celsius) {
    CALL("Temperature");
    *celsius = 61;
    return OK;
}

int nvmlDeviceGetPerformanceState(Device *d, unsigned *state) {
    CALL("PerformanceState");
    *state = 2;
    return OK;
}

typedef struct { unsigned pid; unsigned long long bytes; unsigned gi, ci; } Info;

static int list(const Process *from, int n, unsigned *size, Info *infos) {
    if (n > (int)*size || (n && !infos)) { *size = n; return INSUFFICIENT_SIZE; }
    for (int i = 0; i < n; i++) {
        infos[i].pid = from[i].pid;
        infos[i].bytes = from[i].bytes;
    }
    *size = n;
    return OK;
}

int nvmlDeviceGetComputeRunningProcesses_v3(Device *d, unsigned *size, Info *infos) {
    CALL("ComputeRunningProcesses");
    return list(d->compute_list, d->compute, size, infos);
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(Device *d, unsigned *size, Info *infos) {
    CALL("GraphicsRunningProcesses");
    return list(d->graphics_list, d->graphics, size, infos);
}
