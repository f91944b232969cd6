package io.relaunchguard.core;

import java.util.Optional;
import java.util.function.Function;

/**
 * The result of observing something outside the program: it exists, it provably does not exist, or that is unknown. The
 * three cases stay apart so that "permission denied" is never read as "gone".
 *
 * @param <T> the type of the observed value
 */
public sealed interface Observation<T> {

    /** The value exists. */
    record Seen<T>(T value) implements Observation<T> {}

    /** The value provably does not exist; {@code detail} says what was examined. */
    record Absent<T>(String detail) implements Observation<T> {}

    /** It is unknown whether the value exists; {@code reason} says why. */
    record Unknown<T>(String reason) implements Observation<T> {}

    /** Returns an observation of an existing value. */
    static <T> Observation<T> seen(T value) {
        return new Seen<>(value);
    }

    /** Returns an observation of something that provably does not exist. */
    static <T> Observation<T> absent(String detail) {
        return new Absent<>(detail);
    }

    /** Returns an observation that could not decide whether the value exists. */
    static <T> Observation<T> unknown(String reason) {
        return new Unknown<>(reason);
    }

    /** Returns the value if one was observed. */
    default Optional<T> toOptional() {
        return this instanceof Seen<T> seen ? Optional.of(seen.value()) : Optional.empty();
    }

    /** Applies a function to the observed value and keeps the other two cases as they are. */
    default <R> Observation<R> map(Function<? super T, ? extends R> mapping) {
        return flatMap(value -> new Seen<>(mapping.apply(value)));
    }

    /** Applies a function that observes in turn to the observed value, and keeps the other two cases as they are. */
    default <R> Observation<R> flatMap(Function<? super T, Observation<R>> mapping) {
        if (this instanceof Seen<T> seen) {
            return mapping.apply(seen.value());
        }
        return this instanceof Absent<T> absent ? new Absent<>(absent.detail()) : new Unknown<>(shortfall());
    }

    /** Returns whether a value was observed and equals {@code other}. */
    default boolean is(T other) {
        return this instanceof Seen<T> seen && seen.value().equals(other);
    }

    /** Returns why there is no value; empty if there is one. */
    default String shortfall() {
        if (this instanceof Absent<T> absent) {
            return absent.detail();
        }
        return this instanceof Unknown<T> unknown ? unknown.reason() : "";
    }
}
