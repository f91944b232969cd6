package io.relaunchguard.core.lock;

import io.relaunchguard.core.Observation;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The content of Chromium's {@code SingletonLock}: a dangling symbolic link to {@code <gethostname()>-<browser pid>}
 * (Chromium's {@code process_singleton_posix.cc}).
 *
 * @param host the host name, exactly as written
 * @param pid the PID in the writer's own PID namespace, not yet checked against any range
 */
public record SingletonLock(String host, long pid) {

    /** The file name of the lock in CEF's root cache path. */
    public static final String FILE_NAME = "SingletonLock";

    private static final int MAX_DIGITS = 18;

    /** Returns the target of the link. */
    public String target() {
        return host + "-" + pid;
    }

    /**
     * Parses the target of a link. Never throws: anything but a host name, a hyphen and a canonical decimal number is
     * {@link Observation.Unknown} with the reason. The <em>last</em> hyphen separates the two, because host names
     * contain hyphens too.
     */
    public static Observation<SingletonLock> parse(byte[] target) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(target))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return Observation.unknown("the lock's target is not UTF-8 text");
        }
        int hyphen = text.lastIndexOf('-');
        if (hyphen < 0) {
            return Observation.unknown("the lock's target has no hyphen between host and PID: " + quoted(text));
        }
        String host = text.substring(0, hyphen);
        String pid = text.substring(hyphen + 1);
        if (host.isEmpty()) {
            return Observation.unknown("the lock's target names no host: " + quoted(text));
        }
        if (host.indexOf('/') >= 0 || host.chars().anyMatch(Character::isISOControl)) {
            return Observation.unknown("the lock's target names no possible host: " + quoted(text));
        }
        if (pid.isEmpty() || !pid.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Observation.unknown("the lock's target does not end in a PID: " + quoted(text));
        }
        if (pid.length() > 1 && pid.charAt(0) == '0') {
            return Observation.unknown("the PID in the lock's target has leading zeros: " + quoted(text));
        }
        if (pid.length() > MAX_DIGITS) {
            return Observation.unknown("the PID in the lock's target is beyond any range: " + quoted(text));
        }
        return Observation.seen(new SingletonLock(host, Long.parseLong(pid)));
    }

    private static String quoted(String text) {
        StringBuilder shown = new StringBuilder("\"");
        text.codePoints().limit(80).forEach(c -> {
            if (Character.isISOControl(c)) {
                shown.append("\\u%04x".formatted(c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.append(text.length() > 80 ? "…\"" : "\"").toString();
    }
}
