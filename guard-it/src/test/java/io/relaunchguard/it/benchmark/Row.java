package io.relaunchguard.it.benchmark;

/**
 * One line of the results.
 *
 * @param benchmark what was measured
 * @param subject of whom
 * @param unit of the values
 * @param ratio of the median to that of the benchmark's first subject
 */
record Row(
        String benchmark, String subject, String unit, int samples, double median, double percentile95, double ratio) {}
