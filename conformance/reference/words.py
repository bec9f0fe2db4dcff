"""The words of the seed data: ordinary names, combined so that no real person is meant.

The lists for a single field (``MIDDLE_NAMES``, ``NICKNAMES``, ``MAILBOXES``, ``INTERESTS``,
``RARE_QUALIFICATIONS``, the roles) share no word with each other or with the names. A search for such a
word therefore shows which fields the server searches.
"""

from __future__ import annotations

GIVEN_NAMES = (
    *("Sarah", "Thomas", "Amina", "José", "Zoë", "Will", "Priya", "Owen", "Chloé", "Daniel"),
    *("Anne-Marie", "Siân", "Kofi", "Laura", "Mohammed", "Grace", "Piotr", "Ruth", "Hassan"),
    *("Emily", "Niamh", "Rajesh", "Helen", "Oluwaseun", "Katarzyna", "David", "Mei", "Robert"),
    *("Fatima", "Gareth", "Ingrid", "Samuel", "Leila", "Patrick", "Yasmin", "Hugh", "Divya"),
    *("Martin", "Eleanor", "Tariq", "Joanna", "Simon", "Nkechi", "Peter", "Bronwen", "Luca"),
    *("Sunita", "Adam", "Rebecca", "Dmitri", "Alison", "Imran", "Clare", "Femi", "Judith"),
    *("Callum", "Renée", "Victor", "Hannah", "Gwen", "Matteo", "Shreya", "Fiona", "Karim"),
)

# Both organisations have clinicians with these surnames: a response that mixes up the organisations looks
# correct unless each record is compared.
SHARED_SURNAMES = (
    *("Johnson", "Patel", "Smith", "O'Brien", "Khan", "Williams", "Nguyen", "Taylor", "Jones"),
    *("Davies", "Ahmed", "Brown", "Evans", "Wilson", "Singh", "Walker", "Hughes", "Okafor"),
    *("Kowalski", "Green", "Hall", "Begum", "Clarke", "Wood", "Ali", "Roberts", "Lewis"),
    *("Murphy",),
)
OWN_SURNAMES = (
    *("Núñez", "Smith-Jones", "Müller", "O'Sullivan", "Fairweather", "Achebe", "Beaumont"),
    *("Castellanos", "Drummond", "Eriksson", "Featherstone", "Goldberg", "Hathaway", "Iqbal"),
    *("Jankowska", "Kaur", "Lindqvist", "MacGregor", "Nakamura", "Oyelaran", "Pemberton"),
    *("Quigley", "Rasmussen", "Sengupta", "Thistlewood", "Underhill", "Venkatesan"),
    *("Whitcombe", "Yilmaz", "Zielinski", "Ashworth", "Bhattacharya", "Cavendish", "D'Souza"),
    *("Ellington",),
)
OTHER_SURNAMES = (
    *("Llewellyn", "Abernathy", "Bickerstaff", "Colquhoun", "Dhillon", "Entwistle"),
    *("Fitzgerald", "Gallagher", "Hinchcliffe", "Ivanova", "Jephcott", "Kilbride"),
    *("Loughborough", "Mukherjee", "Nettleship", "Ormerod", "Postlethwaite", "Rigby"),
    *("Strickland", "Trelawney"),
)

TITLES = ("Dr", "Dr", "Dr", "Mr", "Mrs", "Ms", "Miss", "Mx", "Prof", "Sister")

MIDDLE_NAMES = (
    *("Aurelius", "Balthazar", "Cordelia", "Desmond", "Ephraim", "Florian", "Guinevere"),
    *("Horatio", "Isolde", "Jocasta", "Kenelm", "Leopold", "Marigold", "Nathaniel", "Octavia"),
    *("Percival", "Quentin", "Rosamund", "Sebastian", "Theodora", "Ursula", "Valentine"),
    *("Winifred", "Xanthe", "Yolanda", "Zebedee", "Ambrose", "Beatrix", "Clement", "Drusilla"),
    *("Evander", "Felicity", "Gideon", "Hermione", "Ignatius", "Jemima", "Lysander"),
    *("Millicent", "Orlando", "Philippa"),
)
NICKNAMES = (
    *("Bunty", "Chip", "Dot", "Fitz", "Ginger", "Hattie", "Jinx", "Kiki", "Lolly", "Mitzi"),
    *("Nobby", "Ollie", "Pip", "Queenie", "Rusty", "Scout", "Tubs", "Vee", "Wiggy", "Zaz"),
    *("Bazza", "Coco", "Duffy", "Effie", "Flick", "Gogo", "Huddy", "Izzy", "Jojo", "Kip"),
    *("Lulu", "Moxie", "Nell", "Oz"),
)
MAILBOXES = (
    *("kestrel", "heron", "lapwing", "curlew", "dunnock", "fieldfare", "goldcrest", "jackdaw"),
    *("kittiwake", "linnet", "merlin", "nightjar", "osprey", "pipit", "redshank", "siskin"),
    *("turnstone", "wagtail", "yellowhammer", "avocet", "bittern", "cormorant", "dotterel"),
    *("firecrest", "gannet", "hobby", "lammergeier", "moorhen", "nuthatch", "plover"),
)

ROLES = (
    *("GP Partner", "Salaried GP", "Practice Nurse", "Clinical Pharmacist", "Paramedic"),
    *("Physiotherapist", "Health Care Assistant", "Advanced Practitioner", "Registrar"),
    *("Podiatrist", "Dietitian", "Midwife", "Phlebotomist", "Counsellor"),
)
INTERESTS = (
    *("dermatology", "cardiology", "diabetes", "rheumatology", "contraception", "palliation"),
    *("audiology", "immunisation", "neurology", "paediatrics", "oncology", "ophthalmology"),
    *("nutrition", "urology", "endocrinology", "addiction", "allergy", "haematology"),
)
QUALIFICATIONS = (
    *("MBBS, MRCGP", "MBChB", "MBBS, MRCGP, DFFP", "BSc Nursing", "MPharm", "RGN", "BSc, MCSP"),
    *("MB BCh BAO, MICGP", "DipHE", "MSc Gerontology"),
)
RARE_QUALIFICATIONS = ("DRCOG", "DTMH", "FRCGP", "DCH", "MRCPsych", "DGM", "DOccMed", "FSRH")
