package io.relaunchguard.statemachine.start;

/** The defaults of the settings, as a user writes them. */
final class Defaults {

    static final String ENABLED = "true";
    static final String START_MODE = "concurrent";
    static final String MAX_MARKER_AGE = "5m";
    static final String LAUNCHER_WAIT = "4s";
    static final String TEARDOWN_GRACE = "2s";
    static final String TEARDOWN_GRACE_LIMIT = "5s";
    static final String TERM_GRACE = "2s";
    static final String KILL_CONFIRMATION = "2s";
    static final String CACHE_RELEASE = "3s";
    static final String UNCONSENTED_WAIT = "500ms";
    static final String HANDOFF_DEADLINE = "10s";
    static final String CLAIM_WAIT = "1m";
    static final String SKIP_IN_TESTS = "true";
    static final String SECOND_START_ENABLED = "false";
    static final String SECOND_START_DEADLINE = "5s";
    static final String SECOND_START_STARTING_WAIT = "30s";
    static final String SECOND_START_CLOSING_WAIT = "30s";
    static final String HISTORY_LIMIT = "20";
    static final String PAGE_ENABLED = "false";

    private Defaults() {}
}
