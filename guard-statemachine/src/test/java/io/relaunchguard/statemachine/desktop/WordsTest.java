package io.relaunchguard.statemachine.desktop;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.secondstart.Answer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

class WordsTest {

    private static final Words ENGLISH = new Words("Editor", Locale.ENGLISH);
    private static final Words GERMAN = new Words("Editor", Locale.GERMANY);

    @Test
    void everyStateThatTakesTimeHasWordsInBothLanguages() {
        for (LifecycleState state : LifecycleState.values()) {
            if (!state.isEnd()) {
                assertThat(ENGLISH.doing(state.toString(), 0))
                        .endsWith("…")
                        .isNotEqualTo(GERMAN.doing(state.toString(), 0));
            }
        }
    }

    @Test
    void everyAnswerThatIsWaitedAfterHasWordsInBothLanguages() {
        for (Answer answer : List.of(Answer.RECEIVED, Answer.STARTING, Answer.CLOSING)) {
            assertThat(ENGLISH.doing(answer.toString(), 0))
                    .endsWith("…")
                    .isNotEqualTo(GERMAN.doing(answer.toString(), 0));
        }
    }

    @Test
    void aWaitIsCountedOnceItIsLonger() {
        assertThat(ENGLISH.doing("TEARDOWN_GRACE", 0)).isEqualTo("Waiting for the previous version to finish saving…");
        assertThat(ENGLISH.doing("TEARDOWN_GRACE", 3))
                .isEqualTo("Waiting for the previous version to finish saving… 3 s");
        assertThat(GERMAN.doing("TEARDOWN_GRACE", 3))
                .isEqualTo("Wartet, bis die frühere Version alles gespeichert hat… 3 s");
    }

    @Test
    void bothLanguagesSayTheSameThingsAboutTheSameNumbers() {
        Map<String, String> english = placeholders(Locale.ROOT);
        assertThat(placeholders(Locale.GERMAN)).isEqualTo(english);
        assertThat(english).hasSizeGreaterThan(20);
    }

    @Test
    void aProcessIsNamedByItsNumberAsToolsShowIt() {
        assertThat(GERMAN.say("end.yes", 1234567L)).isEqualTo("Prozess 1234567 beenden");
    }

    @Test
    void anotherLanguageFallsBackToEnglishWhateverTheSystemsIs() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(new Words("Editor", Locale.FRANCE).say("held.quit")).isEqualTo("Quit");
            assertThat(new Words(new MockEnvironment()).say("held.quit")).isEqualTo("Abbrechen");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void theApplicationIsCalledByItsName() {
        assertThat(new Words(new MockEnvironment().withProperty("spring.application.name", "Notes")).application())
                .isEqualTo("Notes");
    }

    /** Each key with its placeholders. */
    private static Map<String, String> placeholders(Locale locale) {
        ResourceBundle bundle = ResourceBundle.getBundle(
                Words.BUNDLE,
                locale,
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
        Map<String, String> placeholders = new TreeMap<>();
        for (String key : bundle.keySet()) {
            String[] parts = bundle.getString(key).split("[^{}0-9]+", -1);
            placeholders.put(
                    key,
                    String.join(
                            " ",
                            Arrays.stream(parts)
                                    .filter(part -> part.contains("{"))
                                    .sorted()
                                    .toList()));
        }
        return placeholders;
    }
}
