package io.relaunchguard.statemachine.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.launch.ProfilePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Which directory is the profile. */
class ProfileDirectoryTest {

    @TempDir
    private Path cache;

    @Test
    void isTheOneThatIsConfiguredAndIsMade() {
        Path profile = cache.resolve("some/../profiles/one");
        assertThat(of(profile, "App")).isEqualTo(cache.resolve("profiles/one")).isDirectory();
    }

    @Test
    @Tag("H45")
    void isOpenToNobodyElseWhenItIsMade() throws IOException {
        assertThat(Files.getPosixFilePermissions(of(cache.resolve("profiles/one"), "App")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        Path existing = Files.createDirectory(cache.resolve("existing"));
        Files.setPosixFilePermissions(existing, PosixFilePermissions.fromString("rwxr-x---"));
        assertThat(Files.getPosixFilePermissions(of(existing, "App")))
                .isEqualTo(PosixFilePermissions.fromString("rwxr-x---"));
    }

    @ParameterizedTest
    @CsvSource({
        "app,           app",
        "My App,        My App",
        "a/b\\c:d,      a_b_c_d",
        "../../etc,     .._.._etc",
    })
    void isNamedForTheApplicationInTheUsersCacheDirectory(String name, String directory) {
        assertThat(of(null, name)).isEqualTo(cache.resolve(directory)).isDirectory();
    }

    @Test
    void isNamedForTheMainClassWhenTheApplicationHasNoName() {
        SpringApplication application = new SpringApplication();
        application.setMainApplicationClass(ProfileDirectoryTest.class);
        assertThat(ProfileDirectory.of(null, application, new StandardEnvironment(), platform()))
                .isEqualTo(cache.resolve(ProfileDirectoryTest.class.getName()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ".", ".."})
    void isNeverTheCacheDirectoryItselfNorAboveIt(String name) {
        assertThatThrownBy(() -> of(null, name))
                .isInstanceOf(LaunchUnavailableException.class)
                .hasMessageContaining("the application has no name")
                .extracting(e -> ((LaunchUnavailableException) e).action())
                .asString()
                .contains("relaunch-guard.profile", "spring.application.name");
    }

    @Test
    void isNotAFile() throws IOException {
        Path file = Files.writeString(cache.resolve("file"), "");
        assertThatThrownBy(() -> of(file, "App"))
                .isInstanceOf(LaunchUnavailableException.class)
                .hasMessageContaining("the profile directory " + file + " cannot be made");
    }

    private Path of(@Nullable Path configured, String name) {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource("test", Map.of("spring.application.name", name)));
        return ProfileDirectory.of(configured, new SpringApplication(), environment, platform());
    }

    private Platform platform() {
        return new Platform() {
            @Override
            public String name() {
                return "Test";
            }

            @Override
            public String pinning() {
                return "nothing";
            }

            @Override
            public boolean isCurrent() {
                return true;
            }

            @Override
            public Path cacheDirectory() {
                return cache;
            }

            @Override
            public ProfilePorts open(Path profile) {
                throw new IllegalStateException("nothing is opened here");
            }

            @Override
            public long startDetached(List<String> command, Path directory) {
                throw new IllegalStateException("nothing is started here");
            }
        };
    }
}
