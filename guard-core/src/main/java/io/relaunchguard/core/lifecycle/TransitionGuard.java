package io.relaunchguard.core.lifecycle;

/** The conditions under which a transition is taken. Rows that share a source and an event are tried in table order. */
public enum TransitionGuard {
    /** Every safety predicate holds on the facts as last read. */
    ALL_PREDICATES_HOLD("every predicate holds"),
    /** Nobody has the profile, and nobody has consented to let go of it: it is no relaunch. */
    PROFILE_FREE("profile free"),
    /** Nobody has the profile at the last look: there is no lock file, and who was let through last, or consented, is gone. */
    STILL_FREE("still free"),
    /** Always: the only row of its event, or what remains when no row before it applied. */
    OTHERWISE("");

    private final String label;

    TransitionGuard(String label) {
        this.label = label;
    }

    /** The words on the diagram's arrow; empty for {@link #OTHERWISE}. */
    public String label() {
        return label;
    }
}
