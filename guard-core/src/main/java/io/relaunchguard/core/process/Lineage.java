package io.relaunchguard.core.process;

/** The relation of a process to the launcher by parentage. */
public enum Lineage {
    /** The process is the launcher itself. */
    SELF,
    /** The launcher started the process, directly or indirectly. */
    DESCENDANT,
    /** The process started the launcher, directly or indirectly: usual for an application that restarts itself. */
    ANCESTOR,
    /** Neither started the other. */
    UNRELATED
}
