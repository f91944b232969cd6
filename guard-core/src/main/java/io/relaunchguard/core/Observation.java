package io.relaunchguard.core;

import java.util.Optional;
import java.util.function.Function;

/**
 * What was seen of something outside the program: it is there, it is provably not there, or it could not be told. The
 * three are kept apart so that "permission denied" is never read as "gone".
 *
 * @param <T> the thing looked for
 */
public sealed interface Observation<T> {

    /** The thing is there. */
    record Seen<T>(T value) implements Observation<T> {}

    /** The thing is provably not there; {@code detail} says what was looked at. */
    record Absent<T>(String detail) implements Observation<T> {}

    /** It could not be told; {@code reason} says why. */
    record Unknown<T>(String reason) implements Observation<T> {}

    /** The thing is there. */
    static <T> Observation<T> seen(T value) {
        return new Seen<>(value);
    }

    /** The thing is provably not there. */
    static <T> Observation<T> absent(String detail) {
        return new Absent<>(detail);
    }

    /** It could not be told whether the thing is there. */
    static <T> Observation<T> unknown(String reason) {
        return new Unknown<>(reason);
    }

    /** The value, where one was seen. */
    default Optional<T> toOptional() {
        return this instanceof Seen<T> seen ? Optional.of(seen.value()) : Optional.empty();
    }

    /** The same observation of something derived from the value. */
    default <R> Observation<R> map(Function<? super T, ? extends R> mapping) {
        return flatMap(value -> new Seen<>(mapping.apply(value)));
    }

    /** What can be seen of the value, where there is one. */
    default <R> Observation<R> flatMap(Function<? super T, Observation<R>> mapping) {
        if (this instanceof Seen<T> seen) {
            return mapping.apply(seen.value());
        }
        return this instanceof Absent<T> absent ? new Absent<>(absent.detail()) : new Unknown<>(shortfall());
    }

    /** True only if a value was seen and equals {@code other}. */
    default boolean is(T other) {
        return this instanceof Seen<T> seen && seen.value().equals(other);
    }

    /** Why there is no value; empty where there is one. */
    default String shortfall() {
        if (this instanceof Absent<T> absent) {
            return absent.detail();
        }
        return this instanceof Unknown<T> unknown ? unknown.reason() : "";
    }
}
