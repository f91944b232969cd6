package io.relaunchguard.statemachine.start;

/**
 * Spring Boot's developer tools. After a change they close the application's context and start the application again in
 * the same process, where the browser lives on.
 */
final class DeveloperTools {

    private static final String RESTART = "org.springframework.boot.devtools.restart.";

    private DeveloperTools() {}

    /**
     * Returns whether the developer tools end the application on this thread, or started it and wait for a change that
     * mends it.
     */
    static boolean areRestarting() {
        return StackWalker.getInstance()
                .walk(frames ->
                        frames.map(StackWalker.StackFrame::getClassName).anyMatch(name -> name.startsWith(RESTART)));
    }
}
