#define _GNU_SOURCE
/* Times whole processes: each command in turn, as often as asked, its output thrown away.
   Usage: run <runs> -- <command> [<word> ...] [| <command> ...] -- <command> ...
   Prints for each command: median wall time, median CPU time (user and system, all of its
   processes), both in microseconds, and the largest peak memory of one process in KiB. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long micros(struct timeval t) { return t.tv_sec * 1000000L + t.tv_usec; }

static int by_size(const void *a, const void *b) {
    long x = *(const long *)a, y = *(const long *)b;
    return (x > y) - (x < y);
}

static pid_t start(char **words, int in, int out) {
    posix_spawn_file_actions_t actions;
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    if (posix_spawnp(&pid, words[0], &actions, NULL, words, environ)) {
        fprintf(stderr, "run: %s cannot be started\n", words[0]);
        exit(1);
    }
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* Runs one command or a pipe of two; returns its wall time. */
static long once(char **words, char **second, long *cpu, long *memory) {
    struct timespec from, to;
    struct rusage usage;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), ends[2], status, left = 1;
    clock_gettime(CLOCK_MONOTONIC, &from);
    if (second) {
        if (pipe2(ends, O_CLOEXEC)) exit(1);
        start(words, null, ends[1]);
        start(second, ends[0], null);
        close(ends[0]);
        close(ends[1]);
        left = 2;
    } else {
        start(words, null, null);
    }
    for (*cpu = 0; left > 0; left--) {
        if (wait4(-1, &status, 0, &usage) < 0) exit(1);
        if (!WIFEXITED(status) || WEXITSTATUS(status)) {
            fprintf(stderr, "run: %s failed\n", words[0]);
            exit(1);
        }
        *cpu += micros(usage.ru_utime) + micros(usage.ru_stime);
        if (usage.ru_maxrss > *memory) *memory = usage.ru_maxrss;
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    close(null);
    return (to.tv_sec - from.tv_sec) * 1000000L + (to.tv_nsec - from.tv_nsec) / 1000;
}

int main(int argc, char **argv) {
    char **commands[64], **seconds[64] = {0};
    int count = 0, runs = argc > 2 ? atoi(argv[1]) : 0;
    for (int n = 2; n < argc; n++) {
        if (!strcmp(argv[n], "--") && count < 64) {
            argv[n] = NULL;
            commands[count++] = argv + n + 1;
        } else if (!strcmp(argv[n], "|") && count) {
            argv[n] = NULL;
            seconds[count - 1] = argv + n + 1;
        }
    }
    if (runs < 1 || !count) return 2;
    long *wall = calloc((size_t)runs * count, sizeof(long)), *cpu = calloc((size_t)runs * count, sizeof(long));
    long memory[64] = {0}, unused;
    for (int c = 0; c < count; c++) once(commands[c], seconds[c], &unused, &memory[c]);
    for (int r = 0; r < runs; r++)
        for (int c = 0; c < count; c++)
            wall[c * runs + r] = once(commands[c], seconds[c], &cpu[c * runs + r], &memory[c]);
    for (int c = 0; c < count; c++) {
        qsort(wall + c * runs, runs, sizeof(long), by_size);
        qsort(cpu + c * runs, runs, sizeof(long), by_size);
        printf("%ld %ld %ld\n", wall[c * runs + runs / 2], cpu[c * runs + runs / 2], memory[c]);
    }
    return 0;
}
