package io.relaunchguard.statemachine.start;

import java.io.IOException;
import java.util.Optional;
import java.util.Properties;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;

/**
 * The version of the running application. It is the version in the settings, or {@code Implementation-Version} in the
 * manifest of the main class's jar, or the version that Spring Boot's {@code BuildProperties} would have. The version
 * in the manifest goes with the classes: if old classes come from an AOT cache, it is the old version, although every
 * resource is read from the new jar.
 */
final class RunningVersion {

    private static final Log logger = LogFactory.getLog(RunningVersion.class);

    private static final String BUILD_INFO = "META-INF/build-info.properties";

    private RunningVersion() {}

    /** Returns the version; blank if it is not known. */
    static String of(@Nullable String configured, SpringApplication application) {
        return Optional.ofNullable(configured)
                .or(() -> Optional.ofNullable(application.getMainApplicationClass())
                        .map(main -> main.getPackage().getImplementationVersion()))
                .or(() -> ofBuildInfo(application.getClassLoader()))
                .orElse("");
    }

    private static Optional<String> ofBuildInfo(ClassLoader classes) {
        ClassPathResource resource = new ClassPathResource(BUILD_INFO, classes);
        if (!resource.exists()) {
            return Optional.empty();
        }
        try {
            Properties build = PropertiesLoaderUtils.loadProperties(resource);
            return Optional.ofNullable(build.getProperty("build.version"));
        } catch (IOException e) {
            logger.debug("The version in " + BUILD_INFO + " cannot be read", e);
            return Optional.empty();
        }
    }
}
