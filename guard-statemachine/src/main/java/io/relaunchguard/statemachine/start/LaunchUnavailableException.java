package io.relaunchguard.statemachine.start;

/** The exception for a launch that could not even begin: its settings or the profile directory are wrong. */
final class LaunchUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String action;

    LaunchUnavailableException(String message, String action) {
        super(message);
        this.action = action;
    }

    /** Returns what the user can do about it. */
    String action() {
        return action;
    }
}
