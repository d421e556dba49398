/* How long a load takes that no cache has: the machine's part in every figure of what looks up keys at random.
 *
 * Follows a chain of addresses that goes once through 256 MiB in an order drawn anew, one cache line each, so that no load can
 * begin before the one before it has ended. Prints nanoseconds a load: on a virtual machine it depends on its neighbours, and
 * twofold differences from day to day have been seen.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LINE = 64 / sizeof(uint32_t), LINES = (256 << 20) / 64, LOADS = 5000000 };

static uint64_t drawn = 88172645463325252ull;

/* Xorshift (Marsaglia, Journal of Statistical Software, 2003). */
static uint64_t draw(void) {
    drawn ^= drawn << 13;
    drawn ^= drawn >> 7;
    return drawn ^= drawn << 17;
}

int main(void) {
    uint32_t *memory = malloc((size_t)LINES * LINE * sizeof *memory);
    uint32_t *order = malloc(LINES * sizeof *order);
    if (!memory || !order) {
        fputs("256 MiB of memory are missing\n", stderr);
        return 1;
    }
    for (uint32_t i = 0; i < LINES; i++) order[i] = i;
    for (uint32_t i = LINES - 1; i > 0; i--) {
        uint32_t other = draw() % (i + 1), kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
    for (uint32_t i = 0; i < LINES; i++) memory[(size_t)order[i] * LINE] = order[(i + 1) % LINES];
    struct timespec from, to;
    uint32_t at = order[0];
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < LOADS; i++) at = memory[(size_t)at * LINE];
    clock_gettime(CLOCK_MONOTONIC, &to);
    double taken = (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
    /* The end of the chain is printed nowhere, but has to be known. */
    return printf("%.0f\n", taken / LOADS) < 0 || at >= LINES;
}
