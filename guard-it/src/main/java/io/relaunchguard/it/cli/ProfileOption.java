package io.relaunchguard.it.cli;

import io.relaunchguard.core.PrintableText;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The profile of a command. It must exist, and this user must be able to use it. */
final class ProfileOption {

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(
            names = "--profile",
            required = true,
            paramLabel = "DIR",
            description = "CEF's root cache path, or Chromium's user data directory.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path profile;

    /** Returns the directory. Throws a usage error that says what is wrong with it and what to do. */
    Path directory() {
        if (profile.toString().isEmpty()) {
            throw wrong("has an empty name. Check the variable that it comes from");
        }
        if (!Files.exists(profile, LinkOption.NOFOLLOW_LINKS)) {
            throw wrong("does not exist. Check the path, or create the directory first");
        }
        if (!Files.isDirectory(profile)) {
            throw wrong("is not a directory. Name the directory that holds the browser's profile");
        }
        if (!Files.isReadable(profile) || !Files.isExecutable(profile) || !Files.isWritable(profile)) {
            throw wrong("cannot be read and written by this user. Run as the profile's owner, or mend its permissions");
        }
        return profile;
    }

    private ParameterException wrong(String what) {
        return new ParameterException(
                command.commandLine(),
                "the profile directory \"%s\" %s.".formatted(PrintableText.of(profile.toString()), what));
    }
}
