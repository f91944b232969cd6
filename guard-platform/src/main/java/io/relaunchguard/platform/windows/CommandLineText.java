package io.relaunchguard.platform.windows;

import java.util.List;
import java.util.stream.Collectors;

/** A command line as Windows hands it to a program: one text, which the program takes apart as CommandLineToArgvW does. */
final class CommandLineText {

    private CommandLineText() {}

    /**
     * The text for a program and its arguments.
     *
     * @throws IllegalArgumentException if the program's name has a quote, which no file has, or a word ends within
     */
    static String of(List<String> command) {
        String program = command.get(0);
        if (program.indexOf('"') >= 0 || command.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
            throw new IllegalArgumentException("this command line cannot be written: " + command);
        }
        // The first word ends at the next quote, whatever is before it.
        return "\"" + program + "\""
                + command.stream().skip(1).map(CommandLineText::quoted).collect(Collectors.joining());
    }

    /** Before a quote, and only there, a backslash stands for itself if it is doubled. */
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
