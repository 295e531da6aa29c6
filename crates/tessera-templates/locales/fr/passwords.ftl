# What people read about a new password on the pages of Tessera, in French.

password-lead = Un nouveau mot de passe vous déconnecte partout ailleurs.
password-current-label = Mot de passe actuel
password-new-label = Nouveau mot de passe
password-submit = Modifier le mot de passe
password-problem-wrong-current = Le mot de passe actuel est incorrect. Réessayez.
password-problem-too-short = Utilisez au moins { $min } caractères.
password-problem-too-long = Ce mot de passe est trop long. Choisissez-en un plus court.
password-problem-nul = Ce mot de passe contient un caractère impossible à saisir. Choisissez-en un autre.
password-problem-same-as-old = C’est l’ancien mot de passe. Choisissez-en un nouveau.
password-problem-like-old = C’est l’ancien mot de passe à peine modifié. Choisissez-en un nouveau.
password-problem-guessable = Ce mot de passe est facile à deviner. Utilisez plusieurs mots sans rapport entre eux.
password-problem-breached = Ce mot de passe est connu à la suite d’une fuite de données d’un autre service. Choisissez-en un que vous n’avez jamais utilisé.
password-problem-not-looked-up = Les mots de passe ne peuvent pas être vérifiés pour le moment. Veuillez réessayer plus tard.
