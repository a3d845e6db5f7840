// The entry: words in, exit status out.

import Foundation

exit(Command.main(Array(CommandLine.arguments.dropFirst())))
