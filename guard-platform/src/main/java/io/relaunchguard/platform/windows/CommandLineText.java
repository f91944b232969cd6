package io.relaunchguard.platform.windows;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The encoding of a command line as Windows passes it to a program: one text, which the program splits as
 * CommandLineToArgvW does.
 */
final class CommandLineText {

    private CommandLineText() {}

    /**
     * Returns the text for a program and its arguments.
     *
     * @throws IllegalArgumentException if the name of the program contains a quote, which no file name does, or a word
     *     contains a null character
     */
    static String of(List<String> command) {
        String program = command.get(0);
        if (program.indexOf('"') >= 0 || command.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
            throw new IllegalArgumentException("this command line cannot be written: " + command);
        }
        // The first word ends at the next quote, whatever precedes it.
        return "\"" + program + "\""
                + command.stream().skip(1).map(CommandLineText::quoted).collect(Collectors.joining());
    }

    /** Quotes a word. Before a quote, and only there, a backslash must be doubled. */
    private static String quoted(String word) {
        StringBuilder text = new StringBuilder(" \"");
        int backslashes = 0;
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (c == '\\') {
                backslashes++;
                continue;
            }
            text.append("\\".repeat(c == '"' ? 2 * backslashes + 1 : backslashes))
                    .append(c);
            backslashes = 0;
        }
        return text.append("\\".repeat(2 * backslashes)).append('"').toString();
    }
}
