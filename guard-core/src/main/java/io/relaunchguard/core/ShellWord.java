package io.relaunchguard.core;

/** A word of a command line that a user pastes into a POSIX shell. */
public final class ShellWord {

    private ShellWord() {}

    /** Returns the text in single quotes, so that the shell takes it as it is. */
    public static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
