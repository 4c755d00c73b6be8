function __stream-source_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-source_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __stream-source_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-source_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __stream-source_parse_tokens -S
    set -l unparsed_tokens (__stream-source_tokens -pc)
    switch $unparsed_tokens[1]
    case 'stream-source'
        __stream-source_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'stdin'
            __stream-source_parse_subcommand 0 'trigger=' 'max-rows=' 'final' 'max-bytes=' 'format=' 'schema=' 'columns=' 'where=+' 'metadata' 'on-malformed=' 'rejects=' 'corrupt-column=' 'delimiter=' 'header' 'no-header' 'null=' 'encoding=' 'timestamp-format=' 'timezone=' 'linger=' 'threads=' 'checkpoint=' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'file'
            __stream-source_parse_subcommand -r 1 'trigger=' 'max-rows=' 'final' 'max-bytes=' 'max-files=' 'follow' 'clean-source=' 'archive-dir=' 'format=' 'schema=' 'columns=' 'where=+' 'metadata' 'on-malformed=' 'rejects=' 'corrupt-column=' 'delimiter=' 'header' 'no-header' 'null=' 'encoding=' 'timestamp-format=' 'timezone=' 'linger=' 'threads=' 'checkpoint=' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'tail'
            __stream-source_parse_subcommand -r 1 'from=' 'trigger=' 'max-rows=' 'final' 'max-bytes=' 'format=' 'schema=' 'columns=' 'where=+' 'metadata' 'on-malformed=' 'rejects=' 'corrupt-column=' 'delimiter=' 'header' 'no-header' 'null=' 'encoding=' 'timestamp-format=' 'timezone=' 'linger=' 'threads=' 'checkpoint=' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'socket'
            __stream-source_parse_subcommand 1 'listen=' 'trigger=' 'max-rows=' 'final' 'max-bytes=' 'format=' 'schema=' 'columns=' 'where=+' 'metadata' 'on-malformed=' 'rejects=' 'corrupt-column=' 'delimiter=' 'header' 'no-header' 'null=' 'encoding=' 'timestamp-format=' 'timezone=' 'linger=' 'threads=' 'checkpoint=' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'rate'
            __stream-source_parse_subcommand 0 'rows-per-second=' 'ramp-up=' 'rows=' 'trigger=' 'max-rows=' 'final' 'checkpoint=' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'help'
            __stream-source_parse_subcommand -r 1 'version'
        end
    end
end

function __stream-source_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __stream-source_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __stream-source_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __stream-source_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__stream-source_tokens -p)
    if test -z "$(__stream-source_tokens -t)"
        set -l index (count (__stream-source_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'stream-source' -f
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source" version' -l 'version' -d 'Show the version.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_positional "stream-source" -eq 1' -fa 'stdin' -d 'Read standard input (this is the default).'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_positional "stream-source" -eq 1' -fa 'file' -d 'Read files, and those that appear.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_positional "stream-source" -eq 1' -fa 'tail' -d 'Read lines as they are appended to files.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_positional "stream-source" -eq 1' -fa 'socket' -d 'Read from sockets.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_positional "stream-source" -eq 1' -fa 'rate' -d 'Make numbered rows, for trying things out.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_positional "stream-source" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" trigger' -l 'trigger' -d 'When an epoch ends: after a time such as 10s, or \'available-now\' (only at its bounds; the input ends with what is there). Default: as soon as the input pauses, or after a second.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" max-rows' -l 'max-rows' -d 'Let an epoch have at most so many rows.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" final' -l 'final' -d 'Say from the start that the end of the input completes it, so that one answer at the end is wanted.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" max-bytes' -l 'max-bytes' -d 'Let an epoch have at most so many bytes.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" format' -l 'format' -d 'Read text, csv, json, arrow or parquet. Default: what the ending of a file says, else text.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" schema' -l 'schema' -d 'What records hold, such as \'ts timestamp, device string, signal double\'. Default: guessed from the first ones.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" columns' -l 'columns' -d 'Take only these, such as \'user.id AS uid, kind\'; the rest is not parsed.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin"' -l 'where' -d 'Send the rows for which this is true. Of Parquet files, row groups whose statistics tell that there are none are not read.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" metadata' -l 'metadata' -d 'Add _file (null for standard input) and _offset (where the record begins, in bytes).'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" on-malformed' -l 'on-malformed' -d 'What becomes of records that are not what they should be: keep (report them), drop (count them) or fail.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" rejects' -l 'rejects' -d 'Put malformed records there, as JSON lines. With a checkpoint the file grows from run to run, and may tell a record again that a crash came behind.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" corrupt-column' -l 'corrupt-column' -d 'Keep malformed records in the stream, their text in this column.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" delimiter' -l 'delimiter' -d 'CSV: what stands between two fields, such as \';\' or \'\\t\'.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" header' -l 'header' -d 'CSV: whether each file begins with the names of its columns.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" no-header' -l 'no-header' -d 'CSV: whether each file begins with the names of its columns.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" null' -l 'null' -d 'CSV: what stands for null, without quotes, besides nothing.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" encoding' -l 'encoding' -d 'How characters are encoded: utf-8, latin1, windows-1252, utf-16, utf-16le or utf-16be.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" timestamp-format' -l 'timestamp-format' -d 'CSV, JSON: how timestamps are written, such as \'dd/MM/yyyy HH:mm:ss\'.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" timezone' -l 'timezone' -d 'CSV, JSON: the zone of timestamps without one: Europe/Zurich, +01:00 (default: UTC).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" linger' -l 'linger' -d 'How long rows may wait for others while more are coming (default: 100ms).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" threads' -l 'threads' -d 'Parse on at most so many threads (default: STREAM_THREADS, else all processors).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" checkpoint' -l 'checkpoint' -d 'Keep there how far the query has come, so that the same command line goes on after a crash (default: STREAM_CHECKPOINT; else nothing is kept).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" version' -l 'version' -d 'Show the version.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source stdin" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" trigger' -l 'trigger' -d 'When an epoch ends: after a time such as 10s, or \'available-now\' (only at its bounds; the input ends with what is there). Default: as soon as the input pauses, or after a second.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" max-rows' -l 'max-rows' -d 'Let an epoch have at most so many rows.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" final' -l 'final' -d 'Say from the start that the end of the input completes it, so that one answer at the end is wanted.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" max-bytes' -l 'max-bytes' -d 'Let an epoch have at most so many bytes.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" max-files' -l 'max-files' -d 'Let an epoch have at most so many files.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" follow' -l 'follow' -d 'Go on as files appear: those that are moved there at once, others when their writer closes them.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" clean-source' -l 'clean-source' -d 'What becomes of files once their rows are committed: off (they stay), delete or archive.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" archive-dir' -l 'archive-dir' -d 'Where archived files go, under their names.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" format' -l 'format' -d 'Read text, csv, json, arrow or parquet. Default: what the ending of a file says, else text.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" schema' -l 'schema' -d 'What records hold, such as \'ts timestamp, device string, signal double\'. Default: guessed from the first ones.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" columns' -l 'columns' -d 'Take only these, such as \'user.id AS uid, kind\'; the rest is not parsed.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file"' -l 'where' -d 'Send the rows for which this is true. Of Parquet files, row groups whose statistics tell that there are none are not read.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" metadata' -l 'metadata' -d 'Add _file (null for standard input) and _offset (where the record begins, in bytes).'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" on-malformed' -l 'on-malformed' -d 'What becomes of records that are not what they should be: keep (report them), drop (count them) or fail.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" rejects' -l 'rejects' -d 'Put malformed records there, as JSON lines. With a checkpoint the file grows from run to run, and may tell a record again that a crash came behind.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" corrupt-column' -l 'corrupt-column' -d 'Keep malformed records in the stream, their text in this column.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" delimiter' -l 'delimiter' -d 'CSV: what stands between two fields, such as \';\' or \'\\t\'.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" header' -l 'header' -d 'CSV: whether each file begins with the names of its columns.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" no-header' -l 'no-header' -d 'CSV: whether each file begins with the names of its columns.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" null' -l 'null' -d 'CSV: what stands for null, without quotes, besides nothing.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" encoding' -l 'encoding' -d 'How characters are encoded: utf-8, latin1, windows-1252, utf-16, utf-16le or utf-16be.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" timestamp-format' -l 'timestamp-format' -d 'CSV, JSON: how timestamps are written, such as \'dd/MM/yyyy HH:mm:ss\'.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" timezone' -l 'timezone' -d 'CSV, JSON: the zone of timestamps without one: Europe/Zurich, +01:00 (default: UTC).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" linger' -l 'linger' -d 'How long rows may wait for others while more are coming (default: 100ms).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" threads' -l 'threads' -d 'Parse on at most so many threads (default: STREAM_THREADS, else all processors).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" checkpoint' -l 'checkpoint' -d 'Keep there how far the query has come, so that the same command line goes on after a crash (default: STREAM_CHECKPOINT; else nothing is kept).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" version' -l 'version' -d 'Show the version.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source file" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" from' -l 'from' -d 'Where files are begun that are there at the first start: beginning (the default) or end.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" trigger' -l 'trigger' -d 'When an epoch ends: after a time such as 10s, or \'available-now\' (only at its bounds; the input ends with what is there). Default: as soon as the input pauses, or after a second.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" max-rows' -l 'max-rows' -d 'Let an epoch have at most so many rows.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" final' -l 'final' -d 'Say from the start that the end of the input completes it, so that one answer at the end is wanted.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" max-bytes' -l 'max-bytes' -d 'Let an epoch have at most so many bytes.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" format' -l 'format' -d 'Read text, csv or json. Default: what the ending of a file says, else text.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" schema' -l 'schema' -d 'What records hold, such as \'ts timestamp, device string, signal double\'. Default: guessed from the first ones.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" columns' -l 'columns' -d 'Take only these, such as \'user.id AS uid, kind\'; the rest is not parsed.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail"' -l 'where' -d 'Send the rows for which this is true. Of Parquet files, row groups whose statistics tell that there are none are not read.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" metadata' -l 'metadata' -d 'Add _file (null for standard input) and _offset (where the record begins, in bytes).'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" on-malformed' -l 'on-malformed' -d 'What becomes of records that are not what they should be: keep (report them), drop (count them) or fail.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" rejects' -l 'rejects' -d 'Put malformed records there, as JSON lines. With a checkpoint the file grows from run to run, and may tell a record again that a crash came behind.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" corrupt-column' -l 'corrupt-column' -d 'Keep malformed records in the stream, their text in this column.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" delimiter' -l 'delimiter' -d 'CSV: what stands between two fields, such as \';\' or \'\\t\'.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" header' -l 'header' -d 'CSV: whether each file begins with the names of its columns.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" no-header' -l 'no-header' -d 'CSV: whether each file begins with the names of its columns.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" null' -l 'null' -d 'CSV: what stands for null, without quotes, besides nothing.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" encoding' -l 'encoding' -d 'How characters are encoded: utf-8, latin1, windows-1252, utf-16, utf-16le or utf-16be.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" timestamp-format' -l 'timestamp-format' -d 'CSV, JSON: how timestamps are written, such as \'dd/MM/yyyy HH:mm:ss\'.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" timezone' -l 'timezone' -d 'CSV, JSON: the zone of timestamps without one: Europe/Zurich, +01:00 (default: UTC).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" linger' -l 'linger' -d 'How long rows may wait for others while more are coming (default: 100ms).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" threads' -l 'threads' -d 'Parse on at most so many threads (default: STREAM_THREADS, else all processors).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" checkpoint' -l 'checkpoint' -d 'Keep there how far the query has come, so that the same command line goes on after a crash (default: STREAM_CHECKPOINT; else nothing is kept).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" version' -l 'version' -d 'Show the version.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source tail" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" listen' -l 'listen' -d 'Accept connections at [ADDRESS:]PORT (of this machine alone, unless ADDRESS says otherwise) or unix:PATH. Port 0 is one that is free; -v says which.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" trigger' -l 'trigger' -d 'When an epoch ends: after a time such as 10s, or \'available-now\' (only at its bounds; the input ends with what is there). Default: as soon as the input pauses, or after a second.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" max-rows' -l 'max-rows' -d 'Let an epoch have at most so many rows.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" final' -l 'final' -d 'Say from the start that the end of the input completes it, so that one answer at the end is wanted.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" max-bytes' -l 'max-bytes' -d 'Let an epoch have at most so many bytes.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" format' -l 'format' -d 'Read text, csv or json. Default: what the ending of a file says, else text.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" schema' -l 'schema' -d 'What records hold, such as \'ts timestamp, device string, signal double\'. Default: guessed from the first ones.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" columns' -l 'columns' -d 'Take only these, such as \'user.id AS uid, kind\'; the rest is not parsed.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket"' -l 'where' -d 'Send the rows for which this is true. Of Parquet files, row groups whose statistics tell that there are none are not read.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" metadata' -l 'metadata' -d 'Add _file (null for standard input) and _offset (where the record begins, in bytes).'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" on-malformed' -l 'on-malformed' -d 'What becomes of records that are not what they should be: keep (report them), drop (count them) or fail.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" rejects' -l 'rejects' -d 'Put malformed records there, as JSON lines. With a checkpoint the file grows from run to run, and may tell a record again that a crash came behind.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" corrupt-column' -l 'corrupt-column' -d 'Keep malformed records in the stream, their text in this column.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" delimiter' -l 'delimiter' -d 'CSV: what stands between two fields, such as \';\' or \'\\t\'.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" header' -l 'header' -d 'CSV: whether each file begins with the names of its columns.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" no-header' -l 'no-header' -d 'CSV: whether each file begins with the names of its columns.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" null' -l 'null' -d 'CSV: what stands for null, without quotes, besides nothing.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" encoding' -l 'encoding' -d 'How characters are encoded: utf-8, latin1, windows-1252, utf-16, utf-16le or utf-16be.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" timestamp-format' -l 'timestamp-format' -d 'CSV, JSON: how timestamps are written, such as \'dd/MM/yyyy HH:mm:ss\'.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" timezone' -l 'timezone' -d 'CSV, JSON: the zone of timestamps without one: Europe/Zurich, +01:00 (default: UTC).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" linger' -l 'linger' -d 'How long rows may wait for others while more are coming (default: 100ms).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" threads' -l 'threads' -d 'Parse on at most so many threads (default: STREAM_THREADS, else all processors).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" checkpoint' -l 'checkpoint' -d 'Keep there how far the query has come, so that the same command line goes on after a crash (default: STREAM_CHECKPOINT; else nothing is kept).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" version' -l 'version' -d 'Show the version.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source socket" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate" rows-per-second' -l 'rows-per-second' -d 'How many rows are due in a second.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate" ramp-up' -l 'ramp-up' -d 'Let the rate grow evenly from nothing for so long.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate" rows' -l 'rows' -d 'End after so many rows.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate" trigger' -l 'trigger' -d 'When an epoch ends: after a time such as 10s, or \'available-now\' (only at its bounds; the input ends with what is there). Default: as soon as the input pauses, or after a second.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate" max-rows' -l 'max-rows' -d 'Let an epoch have at most so many rows.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate" final' -l 'final' -d 'Say from the start that the end of the input completes it, so that one answer at the end is wanted.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate" checkpoint' -l 'checkpoint' -d 'Keep there how far the query has come, so that the same command line goes on after a crash (default: STREAM_CHECKPOINT; else nothing is kept).' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate" version' -l 'version' -d 'Show the version.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source rate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-source' -n '__stream-source_should_offer_completions_for_flags_or_options "stream-source help" version' -l 'version' -d 'Show the version.'
