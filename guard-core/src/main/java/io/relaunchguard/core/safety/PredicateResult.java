package io.relaunchguard.core.safety;

/**
 * The result of one predicate.
 *
 * @param detail a sentence for users: what was observed
 */
public record PredicateResult(SafetyPredicate predicate, Truth result, String detail) {

    /** A truth value with a third case for what is not known. Only {@link #HOLDS} permits a signal. */
    public enum Truth {
        /** The condition was observed to hold. */
        HOLDS,
        /** The condition was observed not to hold. */
        FAILS,
        /** The condition could not be determined. */
        UNKNOWN
    }
}
