package io.relaunchguard.it.installer;

import static io.relaunchguard.it.installer.Shell.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That jpackage takes the script for its package; what the script does there is {@link DebianInstallerIT}'s. */
@Tag("long")
@Tag("installer")
class JpackageIT {

    @AutoClose
    private final Sandbox sandbox = new Sandbox();

    @Test
    @Needs({Need.JPACKAGE, Need.DPKG, Need.FAKEROOT})
    void fillsInTheScriptOfADebianPackage() throws Exception {
        Path folder = sandbox.root();
        Path runtime = Files.createDirectories(folder.resolve("runtime"));
        Files.copy(Path.of(System.getProperty("java.home"), "release"), runtime.resolve("release"));
        Files.createDirectories(runtime.resolve("bin"));
        Files.createDirectories(runtime.resolve("lib"));
        String script = Files.readString(Probe.shipped("debian/preinst"));
        Files.writeString(Files.createDirectories(folder.resolve("resources")).resolve("preinst"), script);

        new Shell(sandbox).run("""
            cd %s
            %s --type deb --name app --app-version 1.0 --linux-package-name relaunch-guard-app \\
              --runtime-image runtime --resource-dir resources --temp temporary --dest package
            dpkg-deb -e package/*.deb control
            """.formatted(
                        quoted(folder), quoted(Path.of(System.getProperty("java.home"), "bin", "jpackage"))));

        assertThat(folder.resolve("control/preinst"))
                .isExecutable()
                .content()
                .isEqualTo(script.replace("APPLICATION_PACKAGE", "relaunch-guard-app"));
    }
}
