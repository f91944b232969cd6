package io.relaunchguard.core.safety;

/**
 * What one predicate said.
 *
 * @param detail a sentence for the user: what was seen
 */
public record PredicateResult(SafetyPredicate predicate, Truth result, String detail) {

    /** Three values, because not knowing is not knowing. Only {@link #HOLDS} lets a signal pass. */
    public enum Truth {
        /** It was seen to be so. */
        HOLDS,
        /** It was seen not to be so. */
        FAILS,
        /** It could not be told. */
        UNKNOWN
    }
}
