package io.relaunchguard.platform.posix;

import io.relaunchguard.core.Observation;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The host name as gethostname(2) returns it. */
public final class HostName {

    /** A sufficient buffer size in bytes: the longest name has 64 on Linux and 255 on macOS. */
    public static final int BYTES = 256;

    private HostName() {}

    /** Returns the name, up to the first zero byte. */
    public static Observation<String> of(byte[] filled) {
        int length = 0;
        while (length < filled.length && filled[length] != 0) {
            length++;
        }
        if (length == 0) {
            return Observation.unknown("this host has no name");
        }
        try {
            // Decode strictly, as for the lock's target: no two different names may become equal.
            return Observation.seen(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(filled, 0, length))
                    .toString());
        } catch (CharacterCodingException e) {
            return Observation.unknown("this host's name is not UTF-8 text");
        }
    }
}
