package io.relaunchguard.statemachine.desktop;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;
import org.springframework.core.env.Environment;

/** The texts for a user, in the user's language if there is a bundle for it, otherwise in English. */
final class Words {

    static final String BUNDLE = "io.relaunchguard.statemachine.desktop.words";

    private final ResourceBundle bundle;
    private final String application;

    Words(Environment environment) {
        this(environment.getProperty("spring.application.name", "Launcher"), Locale.getDefault());
    }

    Words(String application, Locale locale) {
        this.application = application;
        // Do not use the system's language if the requested one is missing: the base bundle covers that case.
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

    /** Returns what a launch does in a state, or a start does after an answer, and for how many seconds already. */
    String doing(String stateOrAnswer, long seconds) {
        String doing = say("splash." + stateOrAnswer);
        return seconds == 0 ? doing : say("splash.seconds", doing, seconds);
    }
}
