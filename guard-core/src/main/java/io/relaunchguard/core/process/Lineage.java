package io.relaunchguard.core.process;

/** How a process is related to the launcher by parentage. */
public enum Lineage {
    /** It is the launcher itself. */
    SELF,
    /** The launcher started it, directly or not. */
    DESCENDANT,
    /** It started the launcher, directly or not: usual for an app that restarts itself. */
    ANCESTOR,
    /** Neither. */
    UNRELATED
}
