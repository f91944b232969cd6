package io.relaunchguard.it.installer;

import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** The {@code %pre} in a real relocatable .rpm, run by rpm on a database and in a folder of the test's own. */
@Tag("long")
@Tag("H67")
@Tag("installer")
@Tag("H06")
@Tag("H20")
@Tag("H24")
@Needs(Need.RPM)
class RpmInstallerIT extends PackageCases {

    RpmInstallerIT() {
        super("RPM package, rpm");
    }

    @Override
    String build(Path folder, String name, String version, String files, String out) throws IOException {
        Files.writeString(folder.resolve("app.spec"), """
                Name: relaunch-guard-app
                Version: %s
                Release: 1
                Summary: an application that sleeps
                License: none
                Prefix: /opt
                BuildArch: noarch
                AutoReqProv: no
                %%global __os_install_post %%{nil}
                %%description
                An application that sleeps.
                %%install
                mkdir -p %%{buildroot}/opt && cp -r %s/tree/opt/. %%{buildroot}/opt
                %s
                %%files
                /opt/*
                """.formatted(version, folder, script("rpm/pre", name)));
        String tree = folder + "/tree/opt/";
        return ("mkdir -p %s && cp -r %s %s && HOME=%s rpmbuild --quiet --define '_topdir %s/rpm' "
                        + "--define '_binaries_in_noarch_packages_terminate_build 0' -bb %s/app.spec"
                        + " && cp %s/rpm/RPMS/noarch/*.rpm %s")
                .formatted(tree, files, Shell.quoted(tree + name), folder, folder, folder, folder, out);
    }

    @Override
    String install(String file) {
        return "mkdir -p %s/opt && rpm -U --dbpath %s/db --nodeps --prefix %s/opt %s"
                .formatted(root(), root(), root(), file);
    }

    @Override
    String version() {
        return "rpm -q --dbpath %s/db --qf '%%{VERSION}' relaunch-guard-app".formatted(root());
    }
}
