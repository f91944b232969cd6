package io.relaunchguard.platform.posix;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;

/** Paths as the kernel has them, whatever the encoding of file names is in this JVM. */
public final class PathBytes {

    private PathBytes() {}

    /** The bytes of the absolute path. {@link Path#toUri} escapes the raw bytes of a path; decoding that escapes nothing else. */
    public static byte[] of(Path path) {
        // With a slash at the end if it is a directory.
        String escaped = path.toUri().getRawPath().replaceFirst("(?<=.)/$", "");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.charAt(i) == '%') {
                bytes.write(Integer.parseInt(escaped.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(escaped.charAt(i));
            }
        }
        return bytes.toByteArray();
    }

    /** What follows the last slash of the absolute path. */
    static byte[] ofName(Path path) {
        byte[] whole = of(path);
        int start = whole.length;
        while (start > 0 && whole[start - 1] != '/') {
            start--;
        }
        return Arrays.copyOfRange(whole, start, whole.length);
    }
}
