package io.relaunchguard.platform.posix;

import io.relaunchguard.core.Observation;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** A host's name as gethostname(2) fills it in. */
public final class HostName {

    /** Ample: the longest is 64 on Linux and 255 on macOS. */
    public static final int BYTES = 256;

    private HostName() {}

    /** The name, up to the first zero. */
    public static Observation<String> of(byte[] filled) {
        int length = 0;
        while (length < filled.length && filled[length] != 0) {
            length++;
        }
        if (length == 0) {
            return Observation.unknown("this host has no name");
        }
        try {
            // Strictly, as the lock's target is read: no two names may look alike.
            return Observation.seen(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(filled, 0, length))
                    .toString());
        } catch (CharacterCodingException e) {
            return Observation.unknown("this host's name is not UTF-8 text");
        }
    }
}
