package io.relaunchguard.it.installer;

import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** The preinst in a real .deb, run by dpkg on a database and below a root of the test's own. */
@Tag("long")
@Tag("H67")
@Tag("installer")
@Tag("H06")
@Tag("H20")
@Tag("H24")
@Needs(Need.DPKG)
class DebianInstallerIT extends PackageCases {

    DebianInstallerIT() {
        super("Debian package, dpkg");
    }

    @Override
    String build(Path folder, String name, String version, String files, String out) throws IOException {
        Path control = Files.createDirectories(folder.resolve("package/DEBIAN"));
        Files.writeString(control.resolve("control"), """
                Package: relaunch-guard-app
                Version: %s
                Architecture: all
                Maintainer: nobody <nobody@localhost>
                Description: an application that sleeps
                """.formatted(version));
        Files.writeString(control.resolve("preinst"), script("debian/preinst", name));
        String opt = folder + "/package/opt/";
        return "chmod 755 %s/preinst && mkdir -p %s && cp -r %s %s && dpkg-deb --root-owner-group -b %s %s"
                .formatted(control, opt, files, Shell.quoted(opt + name), folder.resolve("package"), out);
    }

    @Override
    String install(String file) {
        return "mkdir -p %s/var/lib/dpkg/info %s/var/lib/dpkg/updates && touch %s/var/lib/dpkg/status && "
                        .formatted(root(), root(), root())
                + "dpkg --root=%s --force-script-chrootless -i %s".formatted(root(), file);
    }

    @Override
    String version() {
        return "dpkg-query --admindir=%s/var/lib/dpkg -W -f '${db:Status-Status}' relaunch-guard-app | grep -qx installed && "
                        .formatted(root())
                + "dpkg-query --admindir=%s/var/lib/dpkg -W -f '${Version}' relaunch-guard-app".formatted(root());
    }
}
