package io.relaunchguard.statemachine.desktop;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;
import org.springframework.core.env.Environment;

/** What is said to a person, in their language where there is a bundle for it, else in English. */
final class Words {

    static final String BUNDLE = "io.relaunchguard.statemachine.desktop.words";

    private final ResourceBundle bundle;
    private final String application;

    Words(Environment environment) {
        this(environment.getProperty("spring.application.name", "Launcher"), Locale.getDefault());
    }

    Words(String application, Locale locale) {
        this.application = application;
        // Not the system's language if the one that was asked for is missing: that is the base bundle's part.
        this.bundle = ResourceBundle.getBundle(
                BUNDLE,
                locale,
                Words.class.getClassLoader(),
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
    }

    String application() {
        return application;
    }

    String say(String key, Object... arguments) {
        return new MessageFormat(bundle.getString(key), bundle.getLocale()).format(arguments);
    }

    /** What a launch does in a state, or a start after an answer, and for how many seconds already. */
    String doing(String stateOrAnswer, long seconds) {
        String doing = say("splash." + stateOrAnswer);
        return seconds == 0 ? doing : say("splash.seconds", doing, seconds);
    }
}
