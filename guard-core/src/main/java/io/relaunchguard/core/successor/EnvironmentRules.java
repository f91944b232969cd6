package io.relaunchguard.core.successor;

import java.util.HashSet;
import java.util.Set;

/**
 * What an application changes in the {@link SuccessorEnvironment}. Names are those of environment variables, in ASCII and in the
 * case that they have.
 *
 * @param kept these are passed on as they are, whatever they hold
 * @param dropped these are taken out, besides what is taken out anyway
 */
public record EnvironmentRules(Set<String> kept, Set<String> dropped) {

    /** Changes nothing. */
    public static final EnvironmentRules NONE = new EnvironmentRules(Set.of(), Set.of());

    /**
     * Keeps its own copies.
     *
     * @throws IllegalArgumentException if one is no name, or is in both
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
