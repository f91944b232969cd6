package io.relaunchguard.statemachine.history;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The strict reader of one JSON object, as RFC 8259 defines it. Spring Boot's own reader accepts a torn text as whole
 * and leaves escapes as they are. The other readers that it finds on the class path differ from one application to the
 * next.
 */
final class JsonText {

    /** The maximum depth, more than a record of a launch has. It keeps a hostile text from exhausting the stack. */
    private static final int DEEPEST = 16;

    private final String text;
    private int next;
    private int depth;

    private JsonText(String text) {
        this.text = text;
    }

    /** A number as it is written. */
    record Digits(String text) {}

    /** The error that the text is not of the expected form. */
    static final class Malformed extends Exception {

        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    /** Returns the members of the object: strings, {@link Digits}, booleans, nulls, lists and maps. */
    static Map<String, @Nullable Object> object(String text) throws Malformed {
        JsonText json = new JsonText(text);
        json.skipSpace();
        Map<String, @Nullable Object> members = json.object();
        json.skipSpace();
        if (json.next < text.length()) {
            throw json.unexpected();
        }
        return members;
    }

    private @Nullable Object value() throws Malformed {
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> literal("true", true);
            case 'f' -> literal("false", false);
            case 'n' -> literal("null", null);
            default -> number();
        };
    }

    private Map<String, @Nullable Object> object() throws Malformed {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        open('{');
        if (!skip('}')) {
            do {
                skipSpace();
                String name = string();
                skipSpace();
                expect(':');
                skipSpace();
                members.put(name, value());
                skipSpace();
            } while (skip(','));
            expect('}');
        }
        depth--;
        return members;
    }

    private List<@Nullable Object> array() throws Malformed {
        List<@Nullable Object> elements = new ArrayList<>();
        open('[');
        if (!skip(']')) {
            do {
                skipSpace();
                elements.add(value());
                skipSpace();
            } while (skip(','));
            expect(']');
        }
        depth--;
        return elements;
    }

    private void open(char bracket) throws Malformed {
        expect(bracket);
        depth++;
        if (depth > DEEPEST) {
            throw new Malformed("too deep");
        }
        skipSpace();
    }

    private String string() throws Malformed {
        expect('"');
        StringBuilder string = new StringBuilder();
        while (!skip('"')) {
            char character = take();
            if (character < ' ') {
                throw unexpected();
            }
            string.append(character == '\\' ? escaped() : character);
        }
        return string.toString();
    }

    private char escaped() throws Malformed {
        char character = take();
        return switch (character) {
            case '"', '\\', '/' -> character;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) (hex() << 12 | hex() << 8 | hex() << 4 | hex());
            default -> throw unexpected();
        };
    }

    private int hex() throws Malformed {
        char character = take();
        if (!isDigit(character) && !(character >= 'a' && character <= 'f') && !(character >= 'A' && character <= 'F')) {
            throw unexpected();
        }
        return Character.digit(character, 16);
    }

    private Digits number() throws Malformed {
        int start = next;
        skip('-');
        if (!skip('0')) {
            digits();
        }
        if (skip('.')) {
            digits();
        }
        if (skip('e') || skip('E')) {
            if (!skip('+')) {
                skip('-');
            }
            digits();
        }
        return new Digits(text.substring(start, next));
    }

    private void digits() throws Malformed {
        if (!isDigit(take())) {
            throw unexpected();
        }
        while (next < text.length() && isDigit(text.charAt(next))) {
            next++;
        }
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    private @Nullable Object literal(String word, @Nullable Object meaning) throws Malformed {
        if (!text.startsWith(word, next)) {
            throw unexpected();
        }
        next += word.length();
        return meaning;
    }

    private void skipSpace() {
        while (next < text.length() && " \t\r\n".indexOf(text.charAt(next)) >= 0) {
            next++;
        }
    }

    private boolean skip(char wanted) {
        boolean there = next < text.length() && text.charAt(next) == wanted;
        if (there) {
            next++;
        }
        return there;
    }

    private void expect(char wanted) throws Malformed {
        if (!skip(wanted)) {
            throw unexpected();
        }
    }

    private char peek() throws Malformed {
        if (next == text.length()) {
            throw unexpected();
        }
        return text.charAt(next);
    }

    private char take() throws Malformed {
        char character = peek();
        next++;
        return character;
    }

    private Malformed unexpected() {
        return new Malformed(next < text.length() ? "unexpected text at " + next : "it ends too early");
    }
}
