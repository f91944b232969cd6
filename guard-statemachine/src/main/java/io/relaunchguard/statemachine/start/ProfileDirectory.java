package io.relaunchguard.statemachine.start;

import io.relaunchguard.core.launch.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.Environment;

/** The directory of the application's profile. */
final class ProfileDirectory {

    private ProfileDirectory() {}

    /**
     * Returns the profile, after making sure that it can be used.
     *
     * @param configured the profile in the settings
     * @throws LaunchUnavailableException if it cannot be determined, made or used
     */
    static Path of(
            @Nullable Path configured, SpringApplication application, Environment environment, Platform platform) {
        Path profile =
                configured == null ? platform.cacheDirectory().resolve(name(application, environment)) : configured;
        Path directory = profile.toAbsolutePath().normalize();
        try {
            Files.createDirectories(directory, ownersOnly(directory));
        } catch (IOException e) {
            throw unusable(directory, "cannot be made: " + e);
        }
        if (!Files.isReadable(directory) || !Files.isWritable(directory) || !Files.isExecutable(directory)) {
            throw unusable(directory, "cannot be read and written by this user");
        }
        return directory;
    }

    /**
     * Returns the attributes of a directory for the owner only, whatever the umask is: a browser keeps passwords and
     * cookies there.
     */
    private static FileAttribute<?>[] ownersOnly(Path directory) {
        return directory.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    private static String name(SpringApplication application, Environment environment) {
        return Optional.ofNullable(environment.getProperty("spring.application.name"))
                .or(() -> Optional.ofNullable(application.getMainApplicationClass())
                        .map(Class::getName))
                .map(name -> name.strip().replaceAll("[/\\\\:\\p{Cntrl}]", "_"))
                .filter(name -> !name.isEmpty() && !name.matches("\\.+"))
                .orElseThrow(() -> new LaunchUnavailableException(
                        "the profile directory is not known, because the application has no name",
                        "Set relaunch-guard.profile to CEF's root cache path, or spring.application.name to the"
                                + " application's name."));
    }

    private static LaunchUnavailableException unusable(Path directory, String why) {
        return new LaunchUnavailableException(
                "the profile directory %s %s".formatted(directory, why),
                "Set relaunch-guard.profile to a directory that this user may write, or mend its permissions.");
    }
}
