/* A clock that is ahead, for programs that ask the C library what time it is: three_years.sh preloads it.
 *
 * SHIFTED_CLOCK names a file of eight bytes: by how many nanoseconds the time since 1970 is other than the machine's, as a
 * signed number in the machine's order. Whoever writes it moves the clock while the program runs. Clocks that only measure how
 * long something takes are as they were, so that waits last as long as they should. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift;

__attribute__((constructor)) static void find(void) {
    const char *path = getenv("SHIFTED_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        abort();
    void *held = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (held == MAP_FAILED)
        abort();
    shift = held;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (syscall(SYS_clock_gettime, clock, time))
        return -1;
    if (shift && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t nanos = time->tv_sec * INT64_C(1000000000) + time->tv_nsec + *shift;
        time->tv_sec = nanos / INT64_C(1000000000);
        time->tv_nsec = nanos % INT64_C(1000000000);
    }
    return 0;
}

int gettimeofday(struct timeval *time, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *told) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (told)
        *told = now.tv_sec;
    return now.tv_sec;
}
