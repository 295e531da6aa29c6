//! The highest time that a server has seen.

use super::statement::statements;

statements! { "clock";
    SEEN = "SELECT highest.value AS highest, accepted.value AS accepted \
        FROM counters AS highest, counters AS accepted \
        WHERE highest.name = 'clock' AND accepted.name = 'clock_accepted'";
    RAISE = "UPDATE counters SET value = $1 WHERE name = 'clock' AND value < $1 \
        AND $2 = (SELECT accepted.value FROM counters AS accepted WHERE accepted.name = 'clock_accepted')";
    SET = "UPDATE counters SET value = $1 WHERE name = 'clock'";
    ACCEPT = "UPDATE counters SET value = value + 1 WHERE name = 'clock_accepted'";
    OF_DATABASE = "SELECT {clock} AS now FROM counters WHERE name = 'clock'";
}
