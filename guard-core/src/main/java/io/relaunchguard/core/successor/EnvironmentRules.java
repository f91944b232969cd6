package io.relaunchguard.core.successor;

import java.util.HashSet;
import java.util.Set;

/**
 * The changes that an application makes to the {@link SuccessorEnvironment}. Names are those of environment variables,
 * in ASCII and case-sensitive.
 *
 * @param kept variables to pass on unchanged, whatever their values
 * @param dropped variables to remove in addition to those that are always removed
 */
public record EnvironmentRules(Set<String> kept, Set<String> dropped) {

    /** Rules that change nothing. */
    public static final EnvironmentRules NONE = new EnvironmentRules(Set.of(), Set.of());

    /**
     * Copies the sets, so that the rules are immutable.
     *
     * @throws IllegalArgumentException if an entry is not a valid name, or is in both sets
     */
    public EnvironmentRules {
        kept = Set.copyOf(kept);
        dropped = Set.copyOf(dropped);
        Set<String> all = new HashSet<>(kept);
        for (String name : dropped) {
            if (!all.add(name)) {
                throw new IllegalArgumentException("%s cannot be kept and dropped".formatted(name));
            }
        }
        for (String name : all) {
            if (name.isBlank() || name.indexOf('=') >= 0) {
                throw new IllegalArgumentException("\"%s\" names no environment variable".formatted(name));
            }
        }
    }
}
