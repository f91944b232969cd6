package io.relaunchguard.it.benchmark;

import java.util.Collection;
import java.util.List;

/** Measured values of one thing; at least one. */
final class Samples {

    private final List<Double> sorted;

    private Samples(Collection<Double> values) {
        this.sorted = values.stream().sorted().toList();
    }

    static Samples of(Collection<Double> values) {
        return new Samples(values);
    }

    int count() {
        return sorted.size();
    }

    double median() {
        return (sorted.get((count() - 1) / 2) + sorted.get(count() / 2)) / 2;
    }

    /** The value that 95 % do not exceed (nearest rank). */
    double percentile95() {
        return sorted.get((int) Math.ceil(0.95 * count()) - 1);
    }
}
