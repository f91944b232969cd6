package io.relaunchguard.platform.macos;

import java.io.IOException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Locale;

/**
 * A directory to recognize in the kernel's paths, without regard to case and Unicode composition, as on most volumes of
 * macOS. On a volume where these matter, a directory may be mistaken for another of similar name. That only affects
 * whose exit is awaited; it never permits anything.
 */
record FoldedPath(String text) {

    /** Returns the folded real path of the directory: {@code /var} is {@code /private/var} for the kernel. */
    static FoldedPath of(Path directory) throws IOException {
        return new FoldedPath(folded(directory.toRealPath().toString()));
    }

    /** Returns whether this directory is above the file, and the file is none of the guard's own. */
    boolean isAbove(String file) {
        String folded = folded(file);
        return folded.startsWith(text + "/") && !folded.startsWith(text + "/relaunchguard.");
    }

    private static String folded(String path) {
        return Normalizer.normalize(path, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    }
}
